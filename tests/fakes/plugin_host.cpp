// The process of a plug-in, for unit tests: what `tributary plugin-host` is in the program.
#include "gateway/connector/native/plugin_host.hpp"

int main(int, char** argv) {
    return tributary::connector::native::serve_plugin(argv[1]);
}
