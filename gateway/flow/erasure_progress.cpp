#include "gateway/flow/erasure_progress.hpp"

#include <array>

#include "gateway/base/base64.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

constexpr std::array<std::string_view, 4> kStages{"none", "barred", "removed", "verified"};

void put_uids(value::Builder& out, std::string_view name, const std::vector<Uid>& uids) {
    out.key(name).begin_array();
    for (const auto& uid : uids) out.text(uid.text());
    out.end();
}

void put_texts(value::Builder& out, std::string_view name, const std::vector<std::string>& texts) {
    out.key(name).begin_array();
    for (const auto& text : texts) out.text(text);
    out.end();
}

std::vector<Uid> uids_at(value::Node node) {
    std::vector<Uid> uids;
    for (auto one : node)
        if (auto uid = Uid::parse(one.text())) uids.push_back(*uid);
    return uids;
}

std::vector<std::string> texts_at(value::Node node) {
    std::vector<std::string> texts;
    for (auto one : node) texts.emplace_back(one.text());
    return texts;
}

SealedSample sample_at(value::Node node) {
    const auto uid = [&](std::string_view name) { return Uid::parse(node.find(name).text()).value_or(Uid{}); };
    return {uid("subject"), uid("record"), std::string(node.find("destination").text()),
            from_base64(node.find("op_key").text()).value_or(""), from_base64(node.find("sealed").text()).value_or("")};
}

}  // namespace

std::string ErasureProgress::json() const {
    value::Builder out;
    const auto time = [&](std::string_view name, const std::optional<Timestamp>& at) {
        if (at) out.key(name).text(record::timestamp_text(*at));
    };
    const auto number = [&](std::string_view name, std::uint64_t count) {
        out.key(name).integer(static_cast<std::int64_t>(count));
    };
    out.begin_object().key("stage").text(kStages[static_cast<std::size_t>(stage)]);
    put_uids(out, "customers", people.customers);
    put_uids(out, "records", people.records);
    put_uids(out, "subjects", people.subjects);
    put_uids(out, "held", held);
    put_uids(out, "earlier", earlier);
    out.key("samples").begin_array();
    for (const auto& one : samples) {
        out.begin_object().key("subject").text(one.subject.text()).key("record").text(one.record.text());
        out.key("destination").text(one.destination).key("op_key").text(to_base64(one.op_key));
        out.key("sealed").text(to_base64(one.sealed)).end();
    }
    out.end().key("removed").begin_object();
    for (const auto& [table, count] : removed) number(table, count);
    out.end();
    number("sampled", sampled);
    number("tasks", tasks);
    number("remainders", remainders);
    put_texts(out, "sources", sources);
    put_texts(out, "key_rings", key_rings);
    time("barred_at", barred_at);
    time("removed_at", removed_at);
    time("verified_at", verified_at);
    out.key("audit_from").integer(audit_from).key("audit_to").integer(audit_to);
    put_texts(out, "waits_for", waits_for);
    if (!certificate.empty()) out.key("certificate").text(certificate);
    const auto document = out.end().take();
    return value::to_json(document.root());
}

Result<ErasureProgress> ErasureProgress::parse(std::string_view json) {
    ErasureProgress progress;
    if (json.empty()) return progress;
    TRY(const auto document, value::parse_json(json));
    const auto root = document.root();
    for (std::size_t i = 0; i < kStages.size(); ++i)
        if (root.find("stage").text() == kStages[i]) progress.stage = static_cast<ErasureStage>(i);
    progress.people = {uids_at(root.find("customers")), uids_at(root.find("records")), uids_at(root.find("subjects"))};
    progress.held = uids_at(root.find("held"));
    progress.earlier = uids_at(root.find("earlier"));
    for (auto one : root.find("samples")) progress.samples.push_back(sample_at(one));
    for (auto one : root.find("removed"))
        progress.removed.emplace(one.key(), static_cast<std::uint64_t>(one.integer()));
    const auto number = [&](std::string_view name) { return static_cast<std::uint64_t>(root.find(name).integer()); };
    const auto time = [&](std::string_view name) { return record::parse_timestamp(root.find(name).text()); };
    progress.sampled = number("sampled");
    progress.tasks = number("tasks");
    progress.remainders = number("remainders");
    progress.sources = texts_at(root.find("sources"));
    progress.key_rings = texts_at(root.find("key_rings"));
    progress.barred_at = time("barred_at");
    progress.removed_at = time("removed_at");
    progress.verified_at = time("verified_at");
    progress.audit_from = root.find("audit_from").integer();
    progress.audit_to = root.find("audit_to").integer();
    progress.waits_for = texts_at(root.find("waits_for"));
    progress.certificate = root.find("certificate").text();
    return progress;
}

std::map<std::string, std::uint64_t> counts_by_table(const store::PersonCounts& counts) {
    std::map<std::string, std::uint64_t> out{
        {"source_record", counts.records}, {"identity_key", counts.match_keys},
        {"identity_link", counts.links},   {"manual_pair", counts.manual_pairs},
        {"customer", counts.customers},    {"customer_alias", counts.aliases},
        {"remote_id", counts.remote_ids},  {"item", counts.items},
        {"withheld", counts.withheld},     {"dead_letter", counts.dead_letters},
        {"attempt", counts.attempts},      {"disclosure", counts.disclosures},
        {"subject_mark", counts.marks},    {"consent_event", counts.consent_events},
        {"subject_key", counts.keys},
    };
    std::erase_if(out, [](const auto& one) { return one.second == 0; });
    return out;
}

}  // namespace tributary::flow
