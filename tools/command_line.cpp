// CLI11's formatter and configuration reader. Each source that includes all of CLI11 compiles them anew,
// which takes longer than the source itself: the others include <CLI/App.hpp> and find them here.
#include <CLI/CLI.hpp>
