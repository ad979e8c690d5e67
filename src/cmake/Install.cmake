# cmake --install: the headers, the library, the program, and how pkg-config and find_package(actorcore) find them.
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/actorcore)

install(TARGETS actorcore_tool DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS actorcore EXPORT actorcore-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${PROJECT_SOURCE_DIR}/include/actorcore/actorcore.h ${PROJECT_SOURCE_DIR}/include/actorcore/actorcore.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/actorcore)

# Relative, so that an installed tree can be moved.
file(RELATIVE_PATH pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${PROJECT_SOURCE_DIR}/pkgconfig/actorcore.pc.in ${PROJECT_BINARY_DIR}/actorcore.pc @ONLY)
configure_package_config_file(${PROJECT_SOURCE_DIR}/pkgconfig/actorcoreConfig.cmake.in
  ${PROJECT_BINARY_DIR}/actorcoreConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/actorcoreConfigVersion.cmake COMPATIBILITY SameMajorVersion)

install(FILES ${PROJECT_BINARY_DIR}/actorcore.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_BINARY_DIR}/actorcoreConfig.cmake ${PROJECT_BINARY_DIR}/actorcoreConfigVersion.cmake
  DESTINATION ${package})
install(EXPORT actorcore-targets NAMESPACE actorcore:: DESTINATION ${package})
