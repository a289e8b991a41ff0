# Several source files of a target become one translation unit: each header is then read once for about ten files. Whole
# builds take less than half the time; a build after a small change takes longer, so the dev preset leaves it off.
# A file's unit follows from its name, so a new file disturbs no other. A file whose own names clash with another's of its
# unit says "redefinition of": rename one of them, or give the file to `tributary_alone` when the name is right.
option(TRIBUTARY_UNITY "build several source files as one" OFF)
set(TRIBUTARY_UNITY_FILES 10)

function(tributary_unity target)
    if(NOT TRIBUTARY_UNITY)
        return()
    endif()
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "\\.cpp$")
    list(LENGTH sources count)
    math(EXPR units "(${count} + ${TRIBUTARY_UNITY_FILES} - 1) / ${TRIBUTARY_UNITY_FILES}")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    foreach(source ${sources})
        get_filename_component(name ${source} NAME_WE)
        string(MD5 digest ${name})
        string(SUBSTRING ${digest} 0 6 digits)
        math(EXPR unit "0x${digits} % ${units}")
        set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${unit})
    endforeach()
endfunction()

# Files that must not share a unit, in the folder of the calling CMakeLists.txt.
function(tributary_alone)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
