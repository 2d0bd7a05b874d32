# The one place where compiler flags stand: every target of ours links tickcast_flags.
add_library(tickcast_flags INTERFACE)
target_compile_features(tickcast_flags INTERFACE cxx_std_20)
target_include_directories(tickcast_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(tickcast_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -fno-strict-aliasing -fstack-protector-strong)
target_compile_definitions(tickcast_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED TICKCAST_VERSION="${PROJECT_VERSION}")

set(TICKCAST_SANITIZE "" CACHE STRING "sanitizers: 'address,undefined' or 'thread'")
if(TICKCAST_SANITIZE)
  target_compile_options(tickcast_flags INTERFACE
    -fsanitize=${TICKCAST_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(tickcast_flags INTERFACE -fsanitize=${TICKCAST_SANITIZE})
  if(TICKCAST_SANITIZE MATCHES "undefined")
    # CAF binds a null reference for function actors (caf/detail/init_fun_factory.hpp); UBSan's null check sees it.
    target_compile_options(tickcast_flags INTERFACE -fno-sanitize=null,vptr)
  endif()
  if(TICKCAST_SANITIZE MATCHES "thread")
    # Asio has fences, which TSan does not model; where one matters it shows as a race.
    target_compile_options(tickcast_flags INTERFACE -Wno-tsan)
  endif()
endif()

option(TICKCAST_FUZZ "build the libFuzzer targets (clang only)" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers are only cached when ccache may trust that __TIME__ and friends do not matter.
  set(launcher "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" "${CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -fpch-preprocess")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    string(REPLACE "-fpch-preprocess" "" CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS}")
  endif()
endif()
