# PhoneNumber::phonenumber: libphonenumber from the system or from the prefix that cmake/phonenumber.sh fills.
# There is no build without it: one that silently reads fewer phone numbers would link other customers than the next.
set(TRIBUTARY_PHONENUMBER_PREFIX ${CMAKE_SOURCE_DIR}/build/phonenumber CACHE PATH "where cmake/phonenumber.sh unpacked libphonenumber")
find_path(PHONENUMBER_INCLUDE phonenumbers/phonenumberutil.h HINTS ${TRIBUTARY_PHONENUMBER_PREFIX}/usr/include)
find_library(PHONENUMBER_LIBRARY phonenumber
    HINTS ${TRIBUTARY_PHONENUMBER_PREFIX}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE} ${TRIBUTARY_PHONENUMBER_PREFIX}/usr/lib)
find_library(PROTOBUF_LIBRARY protobuf)
if(NOT PHONENUMBER_INCLUDE OR NOT PHONENUMBER_LIBRARY OR NOT PROTOBUF_LIBRARY)
    message(FATAL_ERROR "libphonenumber is missing. Run: cmake/phonenumber.sh   (or install libphonenumber-dev where it can be)")
endif()
add_library(PhoneNumber::phonenumber INTERFACE IMPORTED)
target_include_directories(PhoneNumber::phonenumber SYSTEM INTERFACE ${PHONENUMBER_INCLUDE})
target_link_libraries(PhoneNumber::phonenumber INTERFACE ${PHONENUMBER_LIBRARY} ${PROTOBUF_LIBRARY})
