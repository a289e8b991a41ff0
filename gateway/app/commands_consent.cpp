// consent import|receipt|receipt-verify: those that read or write files. A receipt is checked with nothing but the
// public key.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "gateway/app/commands.hpp"
#include "gateway/app/gateway_desk.hpp"
#include "gateway/app/input.hpp"
#include "gateway/audit/signed_note.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/csv.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

struct ConsentOptions {
    std::string file, customer, connection, external_id, event, to, key;
};

Result<value::Document> ask_gateway(const Common& common, const std::string& operation, value::Document arguments) {
    Log log(common.log_level);
    TRY(const auto desk, GatewayDesk::open(common.config, log));
    return desk->ask(operation, std::move(arguments));
}

Result<value::Document> events_in_csv(std::string_view text) {
    TRY(auto reader, value::CsvReader::make({}));
    value::Builder out;
    out.begin_object().key("events").begin_array();
    reader.feed(text);
    for (bool ended = false;;) {
        TRY(auto row, ended ? reader.finish() : reader.next());
        if (!row) {
            if (ended) break;
            ended = true;
            continue;
        }
        if (!row->document)
            return fail(Fault::bad_input, row->document.error().what, "line " + std::to_string(row->line));
        out.begin_object();
        for (auto member : row->document->root())
            if (!member.text().empty()) out.key(member.key()).text(member.text());
        out.end();
    }
    out.end().end();
    return out.take();
}

Result<value::Document> events_in_lines(std::string_view text) {
    value::Builder out;
    out.begin_object().key("events").begin_array();
    std::size_t number = 0;
    for (auto line : split(text, '\n')) {
        ++number;
        if (trim(line).empty()) continue;
        auto event = value::parse_json(trim(line));
        if (!event) return pass(std::move(event), "line " + std::to_string(number));
        out.copy(event->root());
    }
    out.end().end();
    return out.take();
}

// A JSON array, a JSON object a line, or CSV whose columns are the arguments of `consent record`.
Result<value::Document> events_in(std::string_view text) {
    auto start = trim(text);
    if (start.starts_with('{')) return events_in_lines(text);
    if (!start.starts_with('[')) return events_in_csv(text);
    TRY(auto events, value::parse_json(text));
    value::Builder out;
    out.begin_object().key("events").copy(events.root()).end();
    return out.take();
}

int import_file(const Common& common, const ConsentOptions& options) {
    auto text = read_input(options.file);
    if (!text) return report(common, text.error());
    auto events = events_in(*text);
    if (!events) return report(common, std::move(events).error().in(options.file));
    auto done = ask_gateway(common, "consent.import", std::move(*events));
    if (!done) return report(common, done.error());
    print(common, done->root());
    return done->root().find("refused").at(0) ? 1 : 0;
}

int write_receipt(const Common& common, const ConsentOptions& options) {
    value::Builder arguments;
    arguments.begin_object();
    for (const auto& [name, text] : {std::pair{"customer", options.customer},
                                     {"connection", options.connection},
                                     {"external_id", options.external_id},
                                     {"event", options.event}})
        if (!text.empty()) arguments.key(name).text(text);
    arguments.end();
    auto made = ask_gateway(common, "consent.receipt", arguments.take());
    if (!made) return report(common, made.error());
    if (options.to.empty()) {
        print(common, made->root());
        return 0;
    }
    std::ofstream out(options.to, std::ios::binary);
    out << made->root().find("note").text();
    if (!out.flush()) return report(common, {Fault::bad_config, "the receipt cannot be written", options.to});
    return 0;
}

int verify_receipt(const Common& common, const ConsentOptions& options) {
    auto key = audit::NoteKey::parse(options.key);
    if (!key) return report(common, key.error());
    auto text = read_input(options.file);
    if (!text) return report(common, text.error());
    auto opened = audit::open_note(*text, *key);
    if (!opened) return report(common, std::move(opened).error().in(options.file));
    auto receipt = value::parse_json(trim(*opened));
    if (!receipt) return report(common, std::move(receipt).error().in(options.file));
    print(common, receipt->root());
    return 0;
}

}  // namespace

void add_consent_commands(CLI::App& group, Common& common) {
    auto options = std::make_shared<ConsentOptions>();  // the callbacks hold it
    auto* import = group.add_subcommand("import", "record many consent acts from CSV, NDJSON or a JSON array");
    import->add_option("file", options->file)->required();
    import->callback([&common, options] { common.run = [&common, options] { return import_file(common, *options); }; });

    auto* receipt = group.add_subcommand("receipt", "what a person agreed to, signed, to hand to them");
    receipt->add_option("--customer", options->customer, "uid of a customer");
    receipt->add_option("--connection", options->connection);
    receipt->add_option("--external-id", options->external_id);
    receipt->add_option("--event", options->event, "only this consent event");
    receipt->add_option("--to", options->to, "file for the signed note");
    receipt->callback(
        [&common, options] { common.run = [&common, options] { return write_receipt(common, *options); }; });

    auto* verify = group.add_subcommand("receipt-verify", "check a receipt with nothing but the public key");
    verify->add_option("file", options->file)->required();
    verify->add_option("--key", options->key, "as `tributary audit checkpoint` prints it")->required();
    verify->callback(
        [&common, options] { common.run = [&common, options] { return verify_receipt(common, *options); }; });
}

}  // namespace tributary::app
