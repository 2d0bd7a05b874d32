# The server: program, pages, default configuration, systemd unit. docs/operations.md, "Install".
include(GNUInstallDirs)

set(tickcast_share "${CMAKE_INSTALL_DATADIR}/tickcast")
install(TARGETS tickcast RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT server)
install(DIRECTORY web/ DESTINATION "${tickcast_share}/web" COMPONENT server
  PATTERN node_modules EXCLUDE
  PATTERN "*.md" EXCLUDE
  PATTERN "package*.json" EXCLUDE
  PATTERN jsconfig.json EXCLUDE
  PATTERN .npmrc EXCLUDE)
# The chart library, where the server looks for it; optional, because only tools/run fetches it.
install(FILES web/node_modules/echarts/dist/echarts.min.js DESTINATION "${tickcast_share}/web/node_modules/echarts/dist"
  COMPONENT server OPTIONAL)
install(FILES config/tickcast.toml config/instruments.toml docs/systemd/tickcast.service DESTINATION "${tickcast_share}" COMPONENT server)
install(DIRECTORY docs/ DESTINATION "${tickcast_share}/docs" COMPONENT server PATTERN images EXCLUDE PATTERN systemd EXCLUDE)
