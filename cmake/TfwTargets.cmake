include(GoogleTest)

# Flags of our own code; never exported to third parties.
add_library(tfw_flags INTERFACE)
target_compile_features(tfw_flags INTERFACE cxx_std_20)
# -pthread comes with gRPC; everywhere, since a precompiled header wants its options again.
target_compile_options(tfw_flags INTERFACE -pthread -Wall -Wextra -Wpedantic -Wshadow
  -Wno-missing-field-initializers $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
if(TFW_SANITIZE)   # "address,undefined" or "thread"
  target_compile_options(tfw_flags INTERFACE -fsanitize=${TFW_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(tfw_flags INTERFACE -fsanitize=${TFW_SANITIZE})
  if(TFW_SANITIZE MATCHES undefined)  # By default it only prints what it finds.
    target_compile_options(tfw_flags INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()
if(TFW_SANITIZE STREQUAL thread)
  add_library(tfw_tsan OBJECT ${PROJECT_SOURCE_DIR}/tests/support/tsan_mutex.cc)
  target_compile_features(tfw_tsan PRIVATE cxx_std_20)
  target_sources(tfw_flags INTERFACE
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:$<TARGET_OBJECTS:tfw_tsan>>)
endif()

# A precompiled header needs the sloppiness below; base_dir lets clones at
# different paths share the cache.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()

# Two precompiled headers for the whole build, since one is 140 MB: tfw_pch for the program,
# tfw_test_pch for what may name GoogleTest. The libraries lend their include paths only.
function(tfw_precompiled name)
  set(source ${PROJECT_BINARY_DIR}/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE tfw_flags absl::statusor absl::strings nlohmann_json::nlohmann_json)
  target_precompile_headers(${name} PRIVATE <algorithm> <functional> <map> <memory> <optional> <string>
    <utility> <variant> <vector> <absl/status/statusor.h> <absl/strings/str_cat.h> <nlohmann/json.hpp>
    ${ARGN})
endfunction()

# Tests of cost, memory and patience: most of the time that the unit tests take.
set(TFW_SLOW_TESTS *CostTest* *Memory* *Limits* *Crowd* *Silen* *Hurried* *LargeKey* *Threadless*
  *LinearTime* *TakesMany* *TakesALong* *TheLargest* *TalkingPlugin* *AnOutage* *DebugTest* *HalfDone*
  *GetsApplys* *SpoiltReplies* *WatchFaults* *RunsOutOfTime* *InVain* *StuckFinalizer*)
list(JOIN TFW_SLOW_TESTS ":" TFW_SLOW_TESTS)
set(TFW_WAITING_PROGRAMS kube_test resources_instance_test resources_operator_test protocol_test)

# Each test of the program is a test of its own (label unit), so that one that hangs or crashes is
# known by its name. For `make unit` all but the slow ones are one more, in one process (label
# quick; several of the programs that mostly wait), and the programs are the target unit_programs.
function(tfw_unit_tests program)
  gtest_discover_tests(${program} DISCOVERY_MODE PRE_TEST
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES TIMEOUT 600 LABELS unit)
  set(shards 1)
  if(program IN_LIST TFW_WAITING_PROGRAMS)
    set(shards 4)
  endif()
  foreach(shard RANGE 1 ${shards})
    math(EXPR index "${shard} - 1")
    add_test(NAME quick/${program}/${shard}
      COMMAND ${program} --gtest_brief=1 "--gtest_filter=-${TFW_SLOW_TESTS}"
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(quick/${program}/${shard} PROPERTIES TIMEOUT 600 LABELS quick
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${index}")
  endforeach()
  if(NOT TARGET unit_programs)
    add_custom_target(unit_programs)
  endif()
  add_dependencies(unit_programs ${program})
endfunction()

# One folder is one library: tfw_library(kube) is kube/*.{h,cc}, target
# tfw::kube. Its *_test.cc become one program, its *_fuzzer.cc one each. SEQUENTIAL: it
# starts no threads and has no locks, so ThreadSanitizer does not run its own tests; what
# calls it from several threads is tested so.
function(tfw_library name)
  cmake_parse_arguments(ARG "SEQUENTIAL" "DIR" "DEPS;PRIVATE_DEPS" ${ARGN})
  if(NOT ARG_DIR)
    set(ARG_DIR ${name})
  endif()
  file(GLOB srcs CONFIGURE_DEPENDS ${ARG_DIR}/*.cc)
  set(tests ${srcs})
  set(fuzzers ${srcs})
  list(FILTER srcs EXCLUDE REGEX "_(test|fuzzer)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzzer\\.cc$")

  add_library(tfw_${name} STATIC ${srcs})
  target_link_libraries(tfw_${name} PUBLIC ${ARG_DEPS} PRIVATE tfw_flags ${ARG_PRIVATE_DEPS})
  target_include_directories(tfw_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_precompile_headers(tfw_${name} REUSE_FROM tfw_pch)
  add_library(tfw::${name} ALIAS tfw_${name})

  set(testing "${BUILD_TESTING}")
  if(ARG_SEQUENTIAL AND TFW_SANITIZE STREQUAL thread)
    set(testing OFF)
  endif()
  if(testing AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE tfw::${name} tfw_flags ${ARG_PRIVATE_DEPS}
      GTest::gmock GTest::gtest_main)
    # Relative, so that clones at different paths share compiled tests.
    target_compile_definitions(${name}_test PRIVATE TFW_TEST_DATA="tests/data")
    target_precompile_headers(${name}_test REUSE_FROM tfw_test_pch)
    tfw_unit_tests(${name}_test)
  endif()
  if(testing)
    foreach(fuzzer ${fuzzers})
      tfw_fuzzer(${fuzzer} ${ARG_DIR} tfw::${name} ${ARG_PRIVATE_DEPS})
    endforeach()
  endif()
endfunction()

# With clang and TFW_FUZZ: a libFuzzer binary, of the target `fuzzers`. Otherwise:
# a test that replays tests/corpus/<folder>/<name>/. More libraries may follow.
function(tfw_fuzzer file dir library)
  cmake_path(GET file STEM name)
  set(corpus ${PROJECT_SOURCE_DIR}/tests/corpus/${dir}/${name})
  string(REPLACE "/" "_" target ${dir}_${name})
  if(TFW_FUZZ)
    add_executable(${target} ${file})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    if(NOT TARGET fuzzers)
      add_custom_target(fuzzers)
    endif()
    add_dependencies(fuzzers ${target})
  else()
    add_executable(${target} ${file} ${PROJECT_SOURCE_DIR}/tests/support/replay_main.cc)
    file(GLOB inputs CONFIGURE_DEPENDS ${corpus}/*)
    add_test(NAME ${dir}/${name} COMMAND ${target} ${inputs})
    set_tests_properties(${dir}/${name} PROPERTIES LABELS unit TIMEOUT 600)
  endif()
  target_link_libraries(${target} PRIVATE ${library} ${ARGN} tfw_flags)
  target_precompile_headers(${target} REUSE_FROM tfw_pch)
endfunction()

# Generated code: SYSTEM include and no warnings, so the flags stay strict for
# our own.
function(tfw_proto name)
  cmake_parse_arguments(ARG "" "" "SRCS" ${ARGN})
  add_library(tfw_${name} STATIC ${ARG_SRCS})
  set(out ${PROJECT_BINARY_DIR}/gen)
  file(MAKE_DIRECTORY ${out})
  protobuf_generate(TARGET tfw_${name} LANGUAGE cpp IMPORT_DIRS proto PROTOC_OUT_DIR ${out})
  protobuf_generate(TARGET tfw_${name} LANGUAGE grpc IMPORT_DIRS proto PROTOC_OUT_DIR ${out}
    GENERATE_EXTENSIONS .grpc.pb.h .grpc.pb.cc
    PLUGIN "protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>")
  set_target_properties(tfw_${name} PROPERTIES COMPILE_WARNING_AS_ERROR OFF)
  target_compile_features(tfw_${name} PUBLIC cxx_std_20)
  target_include_directories(tfw_${name} SYSTEM PUBLIC ${out})
  target_link_libraries(tfw_${name} PUBLIC protobuf::libprotobuf-lite gRPC::grpc++)
  add_library(tfw::${name} ALIAS tfw_${name})
endfunction()
