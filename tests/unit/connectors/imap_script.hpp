// A scripted IMAP server for one test: for each command, by its first words, what it says before the tagged answer.
#pragma once

#include <catch2/catch.hpp>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "connectors/email/imap/wire.hpp"

namespace tributary::test {

class ImapScript final : public connectors::imap::Wire {
  public:
    struct Step {
        std::string command;          // what the client's command begins with, without its tag
        std::string answer;           // untagged lines, each with its CRLF
        std::string end = "OK done";  // behind the tag; empty: nothing
    };
    explicit ImapScript(std::deque<Step> steps) : steps_(std::move(steps)) {}

    Result<void> send(std::string_view bytes) override {
        const auto line = std::string(bytes.substr(0, bytes.find("\r\n")));
        const auto space = line.find(' ');
        const auto command = space == line.npos ? line : line.substr(space + 1);
        INFO(command);
        REQUIRE_FALSE(steps_.empty());
        const auto step = std::move(steps_.front());
        steps_.pop_front();
        REQUIRE(command.starts_with(step.command));
        commands.push_back(command);
        out_ += step.answer;
        if (!step.end.empty()) out_ += line.substr(0, space) + ' ' + step.end + "\r\n";
        return {};
    }
    // In pieces of seven bytes, so that nothing depends on how the bytes come.
    Result<std::string> receive(Milliseconds) override {
        if (out_.empty() && steps_.empty()) return fail(Fault::transient, "the script has ended");
        const auto piece = out_.substr(0, 7);
        out_.erase(0, piece.size());
        return piece;
    }
    int descriptor() const override { return -1; }
    void say(const std::string& bytes) { out_ += bytes; }

    std::vector<std::string> commands;

  private:
    std::deque<Step> steps_;
    std::string out_;
};

}  // namespace tributary::test
