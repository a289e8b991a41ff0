# Compiler, linker and sanitizer settings that every target shares.
find_program(CCACHE ccache)
if(CCACHE)
    # Precompiled headers stay cacheable: clang must not stamp them, and ccache must not insist on the stamp.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()

add_library(tributary_flags INTERFACE)
target_compile_options(tributary_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror=unused-result
    -Wno-missing-field-initializers  # designated initialisers leave defaults out on purpose
    -Xclang -fno-pch-timestamp)
option(TRIBUTARY_WERROR "warnings are errors" ON)
if(TRIBUTARY_WERROR)
    target_compile_options(tributary_flags INTERFACE -Werror)
endif()
target_include_directories(tributary_flags INTERFACE ${CMAKE_SOURCE_DIR})
# _FORTIFY_SOURCE needs optimisation and disturbs the sanitizers, so it goes with release builds alone.
target_compile_options(tributary_flags INTERFACE -fstack-protector-strong
    $<$<AND:$<CONFIG:Release,RelWithDebInfo>,$<STREQUAL:${TRIBUTARY_SANITIZE},>>:-D_FORTIFY_SOURCE=3>)
target_link_options(tributary_flags INTERFACE -Wl,-z,relro,-z,now)
# All shared libraries are the distribution's: a program looks for none in the folder where it was built.
set(CMAKE_SKIP_RPATH ON)

if(TRIBUTARY_SANITIZE STREQUAL "address")
    # UBSan's checks of null and alignment stand at every access and double the code: an access to null ends the process
    # under ASan all the same, with its stack. Misaligned access is what is no longer seen.
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-sanitize=null,alignment
        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(TRIBUTARY_SANITIZE STREQUAL "thread")
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
    add_link_options(-fsanitize=thread)
endif()
if(TRIBUTARY_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TRIBUTARY_COVERAGE)
    add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()
