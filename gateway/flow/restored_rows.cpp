#include "gateway/flow/restored_rows.hpp"

#include <algorithm>

namespace tributary::flow {

RestoredRows::RestoredRows(std::span<const LedgerLine> ledger, std::set<std::string> delivered)
    : delivered_(std::move(delivered)) {
    for (const auto& line : ledger)
        if (const auto* one = std::get_if<store::Erasure>(&line.entry); one && !one->readmitted)
            acts_.emplace(one->request.view(), one->subject.view());
}

void RestoredRows::table(const store::TableShape& table) {
    table_ = table;
    subjects_.clear();
    for (const auto& [request, subject] : acts_) subjects_.insert(subject);
    // A customer that has another record left is one still.
    for (const auto& customer : linked_) unlinked_.erase(customer);
}

const std::string* RestoredRows::bytes(const store::Cells& cells, std::string_view column) const {
    const auto at = static_cast<std::size_t>(std::ranges::find(table_.columns, column) - table_.columns.begin());
    const auto* found = at < cells.size() ? std::get_if<store::Bytes>(&cells[at]) : nullptr;
    return found ? &found->bytes : nullptr;
}

bool RestoredRows::among(const std::set<std::string>& set, const store::Cells& cells, std::string_view column) const {
    const auto* value = bytes(cells, column);
    return value && set.contains(*value);
}

bool RestoredRows::keeps(const store::Cells& cells) {
    const bool kept = judge(cells);
    if (!kept) ++left_out_;
    return kept;
}

bool RestoredRows::judge(const store::Cells& cells) {
    const auto& name = table_.name;
    if (name == "erasure") {
        const auto *request = bytes(cells, "request"), *subject = bytes(cells, "subject");
        if (request && subject) acts_.erase({*request, *subject});
        return true;
    }
    if (name == "consent_event") return true;
    if (name == "item" && among(delivered_, cells, "op_key")) {
        ++delivered_items_;
        return false;
    }
    if (subjects_.empty()) return true;
    if (name == "source_record" && among(subjects_, cells, "subject")) {
        if (const auto* uid = bytes(cells, "uid")) records_.insert(*uid);
        return false;
    }
    if (name == "identity_link") {
        const bool gone = among(records_, cells, "record");
        if (const auto* customer = bytes(cells, "customer")) (gone ? unlinked_ : linked_).insert(*customer);
        return !gone;
    }
    if (name == "customer") return !among(unlinked_, cells, "uid");
    if (among(subjects_, cells, "subject") || among(unlinked_, cells, "customer")) return false;
    return std::ranges::none_of(std::initializer_list<std::string_view>{"record", "local", "a", "b"},
                                [&](std::string_view column) { return among(records_, cells, column); });
}

}  // namespace tributary::flow
