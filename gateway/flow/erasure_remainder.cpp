#include "gateway/flow/erasure_remainder.hpp"

#include <array>
#include <map>

#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

// Names of a list's fields by the list's own name; a plain field stands under its name without any.
std::map<std::string, std::vector<std::string>> by_list(const std::vector<std::string>& fields) {
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& field : fields) {
        const auto dot = field.find('.');
        auto& inner = out[field.substr(0, dot)];
        if (dot != std::string::npos) inner.push_back(field.substr(dot + 1));
    }
    return out;
}

}  // namespace

value::Document remainder_of(const RemainderRule& rule, value::Node record) {
    value::Builder out;
    out.begin_object();
    bool any = false;
    for (const auto& [name, inner] : by_list(rule.fields)) {
        const auto member = record.find(name);
        if (!member) continue;
        any = true;
        out.key(name);
        if (inner.empty()) {
            out.copy(member);
            continue;
        }
        out.begin_array();
        for (auto one : member) {
            out.begin_object();
            for (const auto& field : inner)
                if (auto value = one.find(field)) out.key(field).copy(value);
            out.end();
        }
        out.end();
    }
    auto document = out.end().take();
    return any ? std::move(document) : value::Document();
}

Result<std::vector<store::Remainder>> remainders_of(World& world, store::ReadSession& session,
                                                    const store::PersonUids& people,
                                                    const std::vector<RemainderRule>& rules) {
    std::vector<store::Remainder> out;
    if (rules.empty()) return out;
    TRY(const auto rows, session.records().load(people.records));
    const auto now = world.clock.now();
    for (const auto& row : rows) {
        if (!row || row->header.deleted) continue;
        for (const auto& rule : rules) {
            if (rule.entity != row->entity) continue;
            TRY(const auto record, value::parse_json(row->clear));
            const auto kept = remainder_of(rule, record.root());
            const auto date = record::parse_timestamp(record.root().find(rule.date).text()).value_or(row->observed_at);
            if (kept.empty() || date + rule.keep <= now) continue;
            std::array<std::uint8_t, 16> token{};
            world.random.fill(token);
            out.push_back({Uid::from_bytes(token), rule.entity, "legal_obligation", value::to_json(kept.root()), now,
                           date + rule.keep});
        }
    }
    return out;
}

}  // namespace tributary::flow
