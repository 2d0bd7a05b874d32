# tickcast_add_plugin(NAME SOURCES file... [LIBRARIES target...])
#
# Builds NAME.so, a plugin: everything hidden but its two entries.
function(tickcast_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 plugin "" "" "SOURCES;LIBRARIES")
  if(NOT plugin_SOURCES)
    message(FATAL_ERROR "tickcast_add_plugin(${name}): name its SOURCES")
  endif()
  add_library(${name} MODULE ${plugin_SOURCES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE tickcast::plugin_kit ${plugin_LIBRARIES})
  # What the libraries bring stays inside; what is not used is not needed; nothing may be missing.
  target_link_options(${name} PRIVATE -Wl,--exclude-libs,ALL -Wl,--as-needed -Wl,-z,defs)
endfunction()

# tickcast_add_plugin_test(NAME SOURCES file... [LIBRARIES target...])
#
# A GoogleTest program of a plugin's own sources and its tests (tickcast/test_kit.hpp). Needs find_package(GTest).
function(tickcast_add_plugin_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "" "SOURCES;LIBRARIES")
  add_executable(${name} ${test_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE tickcast::plugin_kit GTest::gtest_main ${test_LIBRARIES})
endfunction()
