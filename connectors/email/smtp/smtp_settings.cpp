#include "connectors/email/smtp/smtp_settings.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "connectors/email/mail_login.hpp"
#include "connectors/settings.hpp"
#include "gateway/base/html.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/percent.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::smtp {

namespace {

Address read_address(Settings& settings, std::string_view name, const std::string& text) {
    if (text.empty()) return {};
    auto address = parse_address(text);
    if (!address) settings.problem(std::string(name) + ": " + address.error().what);
    return address.value_or(Address{});
}

// The text itself, or the file that `<name>_file` names.
RecordTemplate read_template(Settings& settings, const std::string& name, const std::filesystem::path& directory) {
    auto text = settings.text(name, "");
    const auto file = settings.text(name + "_file", "");
    if (!file.empty()) {
        if (!text.empty()) settings.problem(name + " and " + name + "_file exclude each other");
        std::ifstream in(directory / file, std::ios::binary);
        std::ostringstream whole;
        if (in)
            whole << in.rdbuf();
        else
            settings.problem("file " + file + " cannot be read");
        text = whole.str();
        if (!value::valid_utf8(text)) settings.problem("file " + file + " is not UTF-8");
    }
    return RecordTemplate(text);
}

MailTemplate read_mail(Settings& settings, const std::filesystem::path& directory) {
    MailTemplate mail;
    mail.to = RecordTemplate(settings.text("to", "{email}"));
    mail.to_name = RecordTemplate(settings.text("to_name", ""));
    mail.subject = RecordTemplate(settings.text("subject"));
    mail.text = read_template(settings, "text", directory);
    mail.html = read_template(settings, "html", directory);
    const auto given = [&](const char* name) { return settings.has(name); };
    if (std::ranges::none_of(std::array{"text", "text_file", "html", "html_file"}, given))
        settings.problem("one of text, text_file, html and html_file is needed");
    const auto unsubscribe = settings.text("list_unsubscribe", "");
    if (!unsubscribe.empty() && !unsubscribe.starts_with("https://")) {
        settings.problem("list_unsubscribe must be an https URL");
    }
    mail.unsubscribe = RecordTemplate(unsubscribe);
    mail.one_click = settings.boolean("one_click", false);
    if (mail.one_click && !unsubscribe.empty()) settings.problem("one_click and list_unsubscribe exclude each other");
    return mail;
}

Server read_server(Settings& settings) {
    using enum Server::Security;
    Server server;
    server.host = settings.text("host");
    if (server.host.find_first_of("/:@ ") != std::string::npos)
        settings.problem("host must be a name or an IPv4 address");
    const auto security = settings.word("security", {"starttls", "starttls_if_offered", "tls", "none"});
    server.security = security == "tls"        ? tls
                      : security == "none"     ? none
                      : security == "starttls" ? starttls
                                               : starttls_if_offered;
    server.port = static_cast<int>(settings.integer("port", server.security == tls ? 465 : 587, 1, 65535));
    server.domain = settings.text("domain", "");
    server.ca_file = settings.text("ca_file", "");
    if (const auto timeout = settings.milliseconds("timeout")) server.timeout = Milliseconds(*timeout);
    return server;
}

}  // namespace

Result<SmtpSettings> read_smtp_settings(value::Node node, const std::filesystem::path& directory) {
    Settings settings(node, "settings");
    settings.leave(email::kLoginSettings);
    SmtpSettings out;
    out.server = read_server(settings);
    if (!out.server.ca_file.empty()) out.server.ca_file = (directory / out.server.ca_file).string();
    out.from = read_address(settings, "from", settings.text("from"));
    out.reply_to = read_address(settings, "reply_to", settings.text("reply_to", ""));
    if (out.server.domain.empty()) out.server.domain = out.from.mail.substr(out.from.mail.find('@') + 1);
    settings.each("actions",
                  [&](const std::string& name, Settings& inner) { out.mails[name] = read_mail(inner, directory); });
    if (out.mails.empty()) settings.problem("actions is missing: what mails there are");
    out.unsubscribe_url = settings.text("unsubscribe_url", "");
    if (out.unsubscribe_url.ends_with('/')) out.unsubscribe_url.pop_back();
    if (!out.unsubscribe_url.empty() && !out.unsubscribe_url.starts_with("https://"))
        settings.problem("unsubscribe_url must be an https URL: the public one of this connection's hook");
    for (const auto& [name, mail] : out.mails)
        if (mail.one_click && out.unsubscribe_url.empty())
            settings.problem("action " + name + ": one_click needs unsubscribe_url");
    CHECK_OK(settings.finish());
    return out;
}

Result<Mail> fill(const SmtpSettings& settings, const MailTemplate& mail, value::Node record) {
    Mail out;
    out.from = settings.from;
    out.reply_to = settings.reply_to;
    TRY(const auto to, mail.to.render(record));
    TRY(out.to, parse_address(to));
    if (!mail.to_name.empty()) {
        TRY(out.to.name, mail.to_name.render(record));
    }
    TRY(out.subject, mail.subject.render(record));
    TRY(out.text, mail.text.render(record));
    TRY(out.html, mail.html.render(record, html_escaped));
    TRY(out.unsubscribe,
        mail.unsubscribe.render(record, [](std::string_view text) { return value::percent_encode(text); }));
    return out;
}

}  // namespace tributary::connectors::smtp
