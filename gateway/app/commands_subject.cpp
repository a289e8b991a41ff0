// subject run|export|erase|rectify|certificate: those that write files or take several steps. The others stand in
// commands_operator.cpp.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "gateway/app/commands.hpp"
#include "gateway/app/gateway_desk.hpp"
#include "gateway/app/input.hpp"
#include "gateway/audit/signed_note.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/value/json.hpp"
#include "gateway/vault/key_file.hpp"

namespace tributary::app {
namespace {

struct SubjectOptions {
    std::string request, customer, attest, by, to, verify, key;
    std::string from = "-";
};

class SubjectDesk {
  public:
    static Result<SubjectDesk> open(const Common& common, Log& log) {
        TRY(auto desk, GatewayDesk::open(common.config, log));
        return SubjectDesk(std::move(desk));
    }
    Result<value::Document> ask(const std::string& operation,
                                std::initializer_list<std::pair<const char*, std::string>> texts) {
        value::Builder arguments;
        arguments.begin_object();
        for (const auto& [name, text] : texts)
            if (!text.empty()) arguments.key(name).text(text);
        return desk_->ask(operation, arguments.end().take());
    }

    Result<value::Document> ask(const std::string& operation, value::Document arguments) {
        return desk_->ask(operation, std::move(arguments));
    }

  private:
    explicit SubjectDesk(std::unique_ptr<GatewayDesk> desk) : desk_(std::move(desk)) {}
    std::unique_ptr<GatewayDesk> desk_;
};

int conclude_subject(const Common& common, const Result<value::Document>& result) {
    if (!result) return report(common, result.error());
    print(common, result->root());
    return 0;
}

// The archive goes into its file, readable by its owner alone; the passphrase is shown this once.
Result<value::Document> put_archive(value::Document answer, const std::string& to) {
    if (!answer.root().find("archive")) return answer;
    const auto archive = from_base64(answer.root().find("archive").text());
    if (!archive) return fail(Fault::internal, "the gateway sent an archive that cannot be read");
    CHECK_OK(vault::write_new_file(to, *archive, 0600));
    value::Builder out;
    out.begin_object();
    for (auto member : answer.root())
        if (member.key() != "archive") out.key(member.key()).copy(member);
    return out.key("file").text(to).end().take();
}

// Said before anything runs: a pack that cannot be written would be lost, and its request ended.
Result<void> check_target(const std::string& to) {
    if (to.empty()) return fail(Fault::bad_input, "name the file that the archive goes to", "--to");
    if (std::filesystem::exists(to)) return fail(Fault::bad_input, "this file exists already", to);
    const auto folder = std::filesystem::absolute(to).parent_path();
    if (!std::filesystem::is_directory(folder))
        return fail(Fault::bad_input, "there is no such folder", folder.string());
    return {};
}

Result<value::Document> run_it(SubjectDesk& desk, const SubjectOptions& options) {
    TRY(const auto shown, desk.ask("subject.show", {{"request", options.request}}));
    const auto kind = shown.root().find("kind").text();
    if (kind == "access" || kind == "portability") CHECK_OK(check_target(options.to));
    TRY(auto answer, desk.ask("subject.run", {{"request", options.request}, {"by", options.by}}));
    return put_archive(std::move(answer), options.to);
}

// From receipt to its end in one go, for an operator who has seen who asks.
Result<value::Document> whole_way(SubjectDesk& desk, const char* kind, SubjectOptions options) {
    if (std::string_view(kind) == "access") CHECK_OK(check_target(options.to));
    TRY(const auto request,
        desk.ask("subject.request", {{"kind", kind}, {"customer", options.customer}, {"by", options.by}}));
    options.request = request.root().find("request").text();
    CHECK_OK(
        desk.ask("subject.verify", {{"request", options.request}, {"attest", options.attest}, {"by", options.by}}));
    CHECK_OK(desk.ask("subject.approve", {{"request", options.request}, {"by", options.by}}));
    return run_it(desk, options);
}

// Never an argument: those show in the process list.
Result<value::Document> rectify(SubjectDesk& desk, const SubjectOptions& options) {
    TRY(const auto text, read_input(options.from));
    auto fields = value::parse_json(text);
    if (!fields || !fields->root().is(value::Kind::object))
        return fail(Fault::bad_input, "takes a JSON object of fields, such as {\"name.family\": \"Berg\"}", "--from");
    value::Builder arguments;
    arguments.begin_object().key("request").text(options.request).key("corrections").copy(fields->root());
    if (!options.by.empty()) arguments.key("by").text(options.by);
    return desk.ask("subject.rectify", arguments.end().take());
}

template <class F>
int at_desk(const Common& common, const F& work) {
    Log log(common.log_level);
    auto desk = SubjectDesk::open(common, log);
    if (!desk) return report(common, desk.error());
    return conclude_subject(common, work(*desk));
}

// Needs nothing of the gateway but its public key.
Result<value::Document> verify_certificate(const SubjectOptions& options) {
    if (options.key.empty())
        return fail(Fault::bad_input, "give the public key, which `tributary audit checkpoint` prints", "--key");
    TRY(const auto key, audit::NoteKey::parse(options.key));
    TRY(const auto note, read_input(options.verify));
    const auto text = audit::open_note(note, key);
    value::Builder out;
    out.begin_object().key("intact").boolean(text.has_value());
    if (!text) return out.key("reason").text(text.error().what).end().take();
    TRY(const auto certificate, value::parse_json(*text));
    return out.key("certificate").copy(certificate.root()).end().take();
}

int show_certificate(const Common& common, const SubjectOptions& options) {
    if (!options.verify.empty()) {
        const auto verified = verify_certificate(options);
        const int code = conclude_subject(common, verified);
        return code == 0 && !verified->root().find("intact").boolean() ? 1 : code;
    }
    Log log(common.log_level);
    auto desk = SubjectDesk::open(common, log);
    if (!desk) return report(common, desk.error());
    const auto answer = desk->ask("subject.certificate", {{"request", options.request}});
    if (!answer || common.json) return conclude_subject(common, answer);
    const std::string note(answer->root().find("certificate").text());
    if (options.to.empty()) {
        std::cout << note;
        return 0;
    }
    auto written = vault::write_new_file(options.to, note, 0600);
    return written ? 0 : report(common, written.error());
}

}  // namespace

void add_subject_commands(CLI::App& app, Common& common) {
    auto options = std::make_shared<SubjectOptions>();  // the callbacks hold it
    auto* group = app.get_subcommand("subject");
    const auto add = [&](const char* name, const char* about, auto work) {
        auto* command = group->add_subcommand(name, about);
        command->callback(
            [&common, options, work] { common.run = [&common, options, work] { return work(common, *options); }; });
        command->add_option("--by", options->by, "who does it");
        return command;
    };
    auto* run = add("run", "do what an approved request asks; again, to go on where it stopped",
                    [](const Common& c, const SubjectOptions& o) {
                        return at_desk(c, [&](SubjectDesk& desk) { return run_it(desk, o); });
                    });
    run->add_option("request", options->request, "uid of a request")->required();
    run->add_option("--to", options->to, "the encrypted archive of an access request");
    auto* exported = add("export", "an access pack at once: request, attest, approve, run",
                         [](const Common& c, const SubjectOptions& o) {
                             return at_desk(c, [&](SubjectDesk& desk) { return whole_way(desk, "access", o); });
                         });
    auto* erased =
        add("erase", "an erasure at once: request, attest, approve, run", [](const Common& c, const SubjectOptions& o) {
            return at_desk(c, [&](SubjectDesk& desk) { return whole_way(desk, "erasure", o); });
        });
    for (auto* command : {exported, erased}) {
        command->add_option("customer", options->customer, "uid of a customer")->required();
        command->add_option("--attest", options->attest, "how you saw who asks, such as: passport, file 4711")
            ->required();
    }
    exported->add_option("--to", options->to, "the encrypted archive")->required();
    auto* rectified = add("rectify", "put right what an approved rectification asks for",
                          [](const Common& c, const SubjectOptions& o) {
                              return at_desk(c, [&](SubjectDesk& desk) { return rectify(desk, o); });
                          });
    rectified->add_option("request", options->request, "uid of a request")->required();
    rectified->add_option(
        "--from", options->from,
        "a JSON object of fields and what is right, such as {\"name.family\": \"Berg\", "
        "\"emails[address=old@b.example]\": \"new@b.example\", \"phones[]\": \"+49...\"}; null takes out; default: "
        "standard input");
    auto* certify = add("certificate", "the signed statement of an erasure", show_certificate);
    certify->add_option("request", options->request, "uid of a request");
    certify->add_option("--to", options->to, "a new file; default: standard output");
    certify->add_option("--verify", options->verify, "check a certificate; needs --key and nothing else");
    certify->add_option("--key", options->key, "the public key that signs");
}

}  // namespace tributary::app
