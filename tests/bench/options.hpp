// Options: the command line of a bench, `--name value` and flags. What is wrong with it ends the bench with code 2.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace bench {

class Options {
  public:
    Options(int count, char** words) : words_(words + 1, words + count) {}

    // Whether the flag is there.
    bool flag(std::string_view name) {
        const auto at = find(name);
        if (at == words_.end()) return false;
        words_.erase(at);
        return true;
    }
    // Leaves `into` as it is where the option is not given. A text is the program's own.
    template <class T>
    Options& value(std::string_view name, T& into) {
        const auto at = find(name);
        if (at == words_.end()) return *this;
        if (at + 1 == words_.end()) fmt::print(stderr, "{} needs a value\n", name), std::exit(2);
        const char* const text = *(at + 1);
        if constexpr (std::floating_point<T>)
            into = std::strtod(text, nullptr);
        else if constexpr (std::integral<T>)
            into = static_cast<T>(std::strtoull(text, nullptr, 10));
        else
            into = text;
        words_.erase(at, at + 2);
        return *this;
    }
    // After all that the bench knows: what is left, it does not.
    void end() const {
        if (!words_.empty()) fmt::print(stderr, "there is no option {}\n", words_.front()), std::exit(2);
    }

  private:
    std::vector<const char*>::iterator find(std::string_view name) {
        return std::ranges::find(words_, name, [](const char* word) { return std::string_view(word); });
    }

    std::vector<const char*> words_;
};

}  // namespace bench
