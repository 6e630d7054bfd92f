# A program without a dynamic section, which runs on any Linux of the same
# machine type, in an empty folder too: no loader, no shared libraries.
#
# Include it before the find_package calls, and call tfw_static_program() after
# them. It changes nothing unless TFW_STATIC is on.
option(TFW_STATIC "Link the provider statically" OFF)

if(TFW_STATIC)
  set(BUILD_SHARED_LIBS OFF)
  # For find modules. What has a CMake configuration of its own names shared
  # libraries, see below.
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  set(OPENSSL_USE_STATIC_LIBS ON)
  set(ZLIB_USE_STATIC_LIBS ON)
  set(Protobuf_USE_STATIC_LIBS ON)

  if(UTF8PROC_LIBRARY MATCHES "\\.so$")  # From before the folder was one of a static build.
    unset(UTF8PROC_LIBRARY CACHE)
  endif()
  find_package(OpenSSL 3.0 REQUIRED)
  find_package(ZLIB REQUIRED)
  find_library(CARES_LIBRARY cares REQUIRED)
  find_library(NGHTTP2_LIBRARY nghttp2 REQUIRED)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/build-curl.sh
    OUTPUT_VARIABLE TFW_CURL OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  add_library(CURL::libcurl STATIC IMPORTED)
  set_target_properties(CURL::libcurl PROPERTIES
    IMPORTED_LOCATION ${TFW_CURL}/lib/libcurl.a
    INTERFACE_INCLUDE_DIRECTORIES ${TFW_CURL}/include
    INTERFACE_LINK_LIBRARIES
      "OpenSSL::SSL;OpenSSL::Crypto;${CARES_LIBRARY};${NGHTTP2_LIBRARY};ZLIB::ZLIB")
endif()

# Makes every imported library that `library` needs, itself included, the .a
# beside the .so that the distribution's CMake configuration names.
function(tfw_use_archive library)
  if(NOT TARGET ${library})
    return()
  endif()
  get_target_property(aliased ${library} ALIASED_TARGET)
  if(aliased)
    set(library ${aliased})
  endif()
  get_property(seen GLOBAL PROPERTY TFW_ARCHIVES)
  if(library IN_LIST seen)
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY TFW_ARCHIVES ${library})
  get_target_property(imported ${library} IMPORTED)
  get_target_property(type ${library} TYPE)
  if(imported AND NOT type STREQUAL INTERFACE_LIBRARY)
    get_target_property(configurations ${library} IMPORTED_CONFIGURATIONS)
    list(TRANSFORM configurations PREPEND _)
    list(REMOVE_ITEM configurations _configurations-NOTFOUND)
    foreach(suffix "" ${configurations})
      get_target_property(location ${library} IMPORTED_LOCATION${suffix})
      if(location MATCHES "\\.so(\\.[0-9.]+)?$")
        string(REGEX REPLACE "\\.so(\\.[0-9.]+)?$" ".a" archive ${location})
        if(NOT EXISTS ${archive})
          message(FATAL_ERROR "${library} cannot be linked statically: ${archive} is missing")
        endif()
        set_target_properties(${library} PROPERTIES IMPORTED_LOCATION${suffix} ${archive}
          IMPORTED_SONAME${suffix} "")
      endif()
    endforeach()
  endif()
  foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
    get_target_property(needed ${library} ${property})
    foreach(other ${needed})
      if(other MATCHES "LINK_ONLY:([^>]+)>")
        set(other ${CMAKE_MATCH_1})
      endif()
      tfw_use_archive(${other})
    endforeach()
  endforeach()
endfunction()

function(tfw_static_program program)
  if(NOT TFW_STATIC)
    return()
  endif()
  tfw_use_archive(${program})
  target_sources(${program} PRIVATE ${PROJECT_SOURCE_DIR}/app/no_plugins.cc)
  foreach(function getaddrinfo freeaddrinfo getnameinfo gethostbyname getservbyname getservbyport_r
      dlopen)
    target_link_options(${program} PRIVATE -Wl,--wrap=${function})
  endforeach()
  # Not static-pie, which has a dynamic section. Sections that nothing refers to
  # are half of what the archives hold; the preset `release` gives each function
  # of ours one, too. The kernel maps nearly all of the program: its size is most
  # of its memory.
  target_link_options(${program} PRIVATE -static -Wl,--gc-sections)
endfunction()
