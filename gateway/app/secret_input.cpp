#include "gateway/app/secret_input.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace tributary::app {

std::string read_secret(const std::string& prompt) {
    std::string value;
    if (!::isatty(STDIN_FILENO)) {
        std::getline(std::cin, value, '\0');
        while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
        return value;
    }
    std::cerr << prompt << ": " << std::flush;
    termios before{};
    ::tcgetattr(STDIN_FILENO, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::getline(std::cin, value);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << '\n';
    return value;
}

}  // namespace tributary::app
