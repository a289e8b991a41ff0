// What a connection's settings say about the server and the folders.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "connectors/email/imap/wire.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connectors::imap {

struct Stream {
    // What becomes a record: every message; the address it came from; or one for each address that a delivery report or
    // a complaint names.
    enum class Take { messages, senders, bounces, complaints };
    std::string folder = "INBOX";
    Take take = Take::messages;
    bool reports() const { return take == Take::bounces || take == Take::complaints; }
    bool outbound = false;  // what we sent lies there
    bool flags = false;     // a message whose flags change is read again
    std::string since;      // "5-Feb-2024", empty: all
    std::size_t page = 50;
    std::size_t max_message = 0;  // bytes read of one message
};

struct ImapSettings {
    Server server;
    std::map<std::string, Stream> streams;
    bool idle = true;                      // new messages are read as they come
    std::string charset = "windows-1252";  // of text that names none
    std::vector<std::string> own_domains;  // lower case: those of our Message-IDs
};

// bad_config with every problem.
Result<ImapSettings> read_imap_settings(value::Node settings, const std::filesystem::path& directory);

}  // namespace tributary::connectors::imap
