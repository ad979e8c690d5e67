# What the layers are built on. build/deps is filled by .ci/setup, whatever the build directory.
set(dependencies ${PROJECT_SOURCE_DIR}/build/deps)
if(NOT EXISTS ${dependencies}/abseil/CMakeLists.txt OR NOT EXISTS ${dependencies}/jemalloc/lib/libjemalloc_pic.a)
  message(FATAL_ERROR "Abseil and jemalloc are not in ${dependencies}; run .ci/setup first")
endif()

# Built with each preset, since Debian's archives cannot go into a shared library and a sanitizer must see it.
# Only the targets that a layer names get built.
set(ABSL_PROPAGATE_CXX_STD ON)
set(BUILD_TESTING OFF)
add_subdirectory(${dependencies}/abseil ${PROJECT_BINARY_DIR}/abseil EXCLUDE_FROM_ALL SYSTEM)
unset(BUILD_TESTING)

# Private to the library and a source of slabs only; a sanitizer must see every allocation, so it does without.
add_library(jemalloc INTERFACE)
if(NOT ACTORCORE_SANITIZE)
  target_include_directories(jemalloc SYSTEM INTERFACE ${dependencies}/jemalloc/include)
  target_link_libraries(jemalloc INTERFACE ${dependencies}/jemalloc/lib/libjemalloc_pic.a)
  target_compile_definitions(jemalloc INTERFACE ACTORCORE_JEMALLOC)
endif()

find_package(Threads REQUIRED)
find_package(Concurrentqueue REQUIRED)
find_package(cxxopts REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
