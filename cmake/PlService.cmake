# pl_service (name SOURCES .. [MIGRATIONS ..])   one service: an executable
# pl_test (owner name src.. [LIBS lib..])        a test program beside the code it tests; `ctest -L owner`
# pl_embed (target var file..)                   files as C arrays: `extern const struct pl_embedded var[]`

find_package (PkgConfig REQUIRED)
pkg_check_modules (CZMQ     REQUIRED IMPORTED_TARGET libczmq libzmq)
pkg_check_modules (PQ       REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules (PROTOBUF REQUIRED IMPORTED_TARGET libprotobuf-c)
pkg_check_modules (MHD      REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules (SODIUM   REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules (HIREDIS  REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules (YAJL     REQUIRED IMPORTED_TARGET yajl)
pkg_check_modules (YAML     REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules (PCRE2    REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules (CURL     REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules (UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules (ZLIB     REQUIRED IMPORTED_TARGET zlib)
find_package (Threads REQUIRED)
find_program (PROTOC_C protoc-c REQUIRED)

function (pl_embed target var)
  set (out ${CMAKE_CURRENT_BINARY_DIR}/${var}.c)
  add_custom_command (OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DVAR=${var} "-DFILES=${ARGN}" -DDIR=${CMAKE_CURRENT_SOURCE_DIR}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    VERBATIM)
  target_sources (${target} PRIVATE ${out})
endfunction ()

function (pl_service name)
  cmake_parse_arguments (arg "" "" "SOURCES;MIGRATIONS;LIBS" ${ARGN})
  add_executable (${name} ${arg_SOURCES})
  target_link_libraries (${name} PRIVATE pl_service_common ${arg_LIBS} pl_warnings)
  if (arg_MIGRATIONS)
    string (REPLACE "-" "_" var ${name})
    pl_embed (${name} ${var}_migrations ${arg_MIGRATIONS})
  endif ()
  add_dependencies (programs ${name})
  install (TARGETS ${name} RUNTIME DESTINATION bin)
endfunction ()

function (pl_test owner name)
  cmake_parse_arguments (arg "" "" "LIBS" ${ARGN})
  set (target ${owner}_${name})
  add_executable (${target} ${name}.c ${arg_UNPARSED_ARGUMENTS})
  set_target_properties (${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries (${target} PRIVATE ${arg_LIBS} pl_base pl_warnings)
  add_test (NAME ${owner}.${name} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties (${owner}.${name} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 LABELS ${owner})
endfunction ()
