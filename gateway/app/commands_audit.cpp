// audit verify|export|prove|checkpoint. What an auditor has is an export, checkpoints and the public key: `verify
// --export` needs nothing of the gateway.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <optional>

#include "gateway/app/commands.hpp"
#include "gateway/app/gateway_desk.hpp"
#include "gateway/app/input.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/audit/export_form.hpp"
#include "gateway/base/text.hpp"

namespace tributary::app {
namespace {

struct AuditOptions {
    std::string exported, checkpoints, key, proof, entry, to, form = "ndjson", witness, answer;
    std::vector<std::string> witnesses;
    std::size_t quorum = 0;
    std::int64_t seq = 0;
    std::optional<std::int64_t> known;
};

int conclude(const Common& common, const Result<value::Document>& result) {
    if (!result) return report(common, result.error());
    print(common, result->root());
    const auto intact = result->root().find("intact");
    return intact && !intact.boolean() ? 1 : 0;
}

Result<value::Document> verify_export(const AuditOptions& options) {
    if (options.key.empty())
        return fail(Fault::bad_input, "give the public key, which `tributary audit checkpoint` prints", "--key");
    TRY(const auto key, audit::NoteKey::parse(options.key));
    std::vector<audit::NoteKey> witnesses;
    for (const auto& text : options.witnesses) {
        TRY(auto witness, audit::NoteKey::parse(text, audit::NoteKind::cosignature));
        witnesses.push_back(std::move(witness));
    }
    std::string text;
    if (!options.checkpoints.empty()) {
        TRY(text, read_input(options.checkpoints));
    }
    const auto notes = audit::open_notes(text, key);
    const auto testimony =
        audit::testimony_of(text, key, witnesses, options.quorum > 0 ? options.quorum : witnesses.size());
    std::ifstream in(options.exported, std::ios::binary);
    if (!in) return fail(Fault::bad_input, "this file cannot be read", options.exported);
    audit::TrailCheck check(notes.checkpoints);
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (trim(line).empty()) continue;
        auto entry = audit::Entry::parse(line);
        if (!entry) return pass(std::move(entry), options.exported + ":" + std::to_string(number));
        if (!check.add(*entry)) break;
    }
    value::Builder out;
    write_outcome(out, check.finish(), notes, testimony);
    return out.take();
}

// A proof says of one entry that it is in the trail of a checkpoint.
Result<value::Document> verify_proof(const AuditOptions& options) {
    TRY(const auto key, audit::NoteKey::parse(options.key));
    TRY(const auto text, read_input(options.proof));
    TRY(const auto entry, read_input(options.entry));
    TRY(const auto proof, audit::InclusionProof::parse(text));
    auto checkpoint = proof.check(trim(entry), key);
    if (!checkpoint && checkpoint.error().fault != Fault::refused) return pass(std::move(checkpoint), options.proof);
    value::Builder out;
    out.begin_object().key("intact").boolean(checkpoint.has_value());
    if (checkpoint) {
        out.key("seq").integer(static_cast<std::int64_t>(proof.index + 1));
        out.key("of").integer(static_cast<std::int64_t>(checkpoint->size));
    } else {
        out.key("reason").text(checkpoint.error().what);
    }
    out.end();
    return out.take();
}

// The newest say all that older ones say: a trail that was changed before has other roots after.
std::string newest(std::string_view text) {
    constexpr std::size_t kMost = 500;
    const auto notes = audit::split_notes(text);
    return std::string(notes.size() > kMost
                           ? text.substr(static_cast<std::size_t>(notes[notes.size() - kMost].data() - text.data()))
                           : text);
}

int verify(const Common& common, const AuditOptions& options) {
    if (!options.proof.empty()) return conclude(common, verify_proof(options));
    if (!options.exported.empty()) return conclude(common, verify_export(options));
    value::Builder arguments;
    arguments.begin_object();
    if (!options.checkpoints.empty()) {
        auto text = read_input(options.checkpoints);
        if (!text) return report(common, text.error());
        arguments.key("checkpoints").text(newest(*text));
    }
    return conclude(common, ask_desk(common, "audit.verify", std::move(arguments)));
}

Result<void> write_export(GatewayDesk& desk, audit::ExportForm form, std::ostream& out) {
    out << audit::export_header(form);
    for (std::int64_t after = 0;;) {
        value::Builder arguments;
        arguments.begin_object().key("after").integer(after).end();
        TRY(const auto page, desk.ask("audit.read", arguments.take()));
        for (const auto line : page.root().find("lines")) {
            TRY(const auto entry, audit::Entry::parse(line.text()));
            TRY(const auto row, audit::export_entry(form, entry));
            out << row;
        }
        after = page.root().find("after").integer();
        if (!out) return fail(Fault::bad_config, "the export cannot be written");
        if (page.root().find("last").boolean()) return {};
    }
}

int export_trail(const Common& common, const AuditOptions& options) {
    const auto form = audit::export_form_named(options.form);
    if (!form) return report(common, form.error());
    Log log(common.log_level);
    const auto desk = GatewayDesk::open(common.config, log);
    if (!desk) return report(common, desk.error());
    std::ofstream file;
    if (!options.to.empty()) file.open(options.to, std::ios::binary);
    auto& out = options.to.empty() ? std::cout : file;
    if (!out) return report(common, {Fault::bad_input, "this file cannot be written", options.to});
    auto written = write_export(**desk, *form, out);
    out.flush();
    return written ? 0 : report(common, written.error());
}

int prove(const Common& common, const AuditOptions& options) {
    value::Builder arguments;
    arguments.begin_object().key("seq").integer(options.seq);
    const auto answer = ask_desk(common, "audit.prove", std::move(arguments));
    if (!answer) return report(common, answer.error());
    if (common.json) {
        print(common, answer->root());
        return 0;
    }
    if (!options.entry.empty()) std::ofstream(options.entry, std::ios::binary) << answer->root().find("entry").text();
    std::cout << answer->root().find("proof").text();
    return 0;
}

int checkpoint(const Common& common) {
    value::Builder none;
    none.begin_object();
    return conclude(common, ask_desk(common, "audit.checkpoint", std::move(none)));
}

int cosign_request(const Common& common, const AuditOptions& options) {
    value::Builder arguments;
    arguments.begin_object().key("witness").text(options.witness);
    if (options.known) arguments.key("known").integer(*options.known);
    const auto answer = ask_desk(common, "audit.witness_request", std::move(arguments));
    if (!answer) return report(common, answer.error());
    if (common.json)
        print(common, answer->root());
    else
        std::cout << answer->root().find("request").text();
    return 0;
}

int cosign_answer(const Common& common, const AuditOptions& options) {
    const auto text = read_input(options.answer);
    if (!text) return report(common, text.error());
    value::Builder arguments;
    arguments.begin_object().key("witness").text(options.witness).key("answer").text(*text);
    return conclude(common, ask_desk(common, "audit.witness_answer", std::move(arguments)));
}

int cosign_ask(const Common& common) {
    value::Builder none;
    none.begin_object();
    return conclude(common, ask_desk(common, "audit.witness_ask", std::move(none)));
}

void add_cosign_commands(CLI::App& group, Common& common, const std::shared_ptr<AuditOptions>& options) {
    auto* cosign = group.add_subcommand("cosign", "have the newest checkpoint signed by witnesses");
    cosign->require_subcommand(1);
    cosign->add_subcommand("ask", "ask those that have an address")->callback([&common] {
        common.run = [&common] { return cosign_ask(common); };
    });
    auto* request = cosign->add_subcommand("request", "print what to send to one that is asked by hand");
    request->add_option("witness", options->witness, "its name")->required();
    request->add_option("--known", options->known, "entries that it says it signed last");
    request->callback(
        [&common, options] { common.run = [&common, options] { return cosign_request(common, *options); }; });
    auto* answer = cosign->add_subcommand("add", "take in the signature that came back");
    answer->add_option("witness", options->witness, "its name")->required();
    answer->add_option("answer", options->answer, "a file, or - for standard input")->required();
    answer->callback(
        [&common, options] { common.run = [&common, options] { return cosign_answer(common, *options); }; });
}

}  // namespace

void add_audit_commands(CLI::App& app, Common& common) {
    auto options = std::make_shared<AuditOptions>();  // the callbacks hold it
    auto* group = app.add_subcommand("audit", "the audit trail");
    group->require_subcommand(1);
    auto* verify_command = group->add_subcommand("verify", "recompute the audit trail, or what an auditor has of it");
    verify_command->add_option("--checkpoints", options->checkpoints, "signed checkpoints that were kept elsewhere");
    verify_command->add_option("--export", options->exported, "an export instead of the store; needs --key");
    verify_command->add_option("--key", options->key, "the public key that signs checkpoints");
    verify_command->add_option("--witness", options->witnesses, "public keys of witnesses; with --export");
    verify_command->add_option("--quorum", options->quorum, "how many of them have to have signed; default: all");
    verify_command->add_option("--proof", options->proof, "a proof of one entry; needs --entry and --key");
    verify_command->add_option("--entry", options->entry, "the entry that it proves, as it was written");
    verify_command->callback(
        [&common, options] { common.run = [&common, options] { return verify(common, *options); }; });
    auto* export_command = group->add_subcommand("export", "write the audit trail out");
    export_command->add_option("--to", options->to, "a file; default: standard output");
    export_command->add_option("--format", options->form, "ndjson, which `verify --export` reads, csv or cef")
        ->capture_default_str();
    export_command->callback(
        [&common, options] { common.run = [&common, options] { return export_trail(common, *options); }; });
    auto* prove_command = group->add_subcommand("prove", "a proof that an entry is in the trail");
    prove_command->add_option("seq", options->seq, "number of the entry")->required();
    prove_command->add_option("--entry", options->entry, "write the entry itself into this file");
    prove_command->callback(
        [&common, options] { common.run = [&common, options] { return prove(common, *options); }; });
    add_cosign_commands(*group, common, options);
    auto* checkpoint_command = group->add_subcommand("checkpoint", "sign one now; prints the public key too");
    checkpoint_command->callback([&common] { common.run = [&common] { return checkpoint(common); }; });
}

}  // namespace tributary::app
