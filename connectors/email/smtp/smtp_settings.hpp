// What a connection's settings say about the server and the mails.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "connectors/email/smtp/transport.hpp"
#include "connectors/record_template.hpp"

namespace tributary::connectors::smtp {

struct MailTemplate {
    RecordTemplate to, to_name, subject, text, html, unsubscribe;
    bool one_click = false;  // a link of ours (unsubscribe.hpp)
};

struct SmtpSettings {
    Server server;
    Address from, reply_to;
    std::map<std::string, MailTemplate> mails;  // by action
    std::string unsubscribe_url;                // where the links of ours begin; empty: there are none
};

// bad_config with every problem. Template files are read now; relative paths begin at `directory`.
Result<SmtpSettings> read_smtp_settings(value::Node settings, const std::filesystem::path& directory);

// The mail of a record. bad_input when a field is missing or cannot stand where the template puts it.
Result<Mail> fill(const SmtpSettings& settings, const MailTemplate& mail, value::Node record);

}  // namespace tributary::connectors::smtp
