#include "gateway/audit/trail.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/hex.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

namespace tributary::audit {
namespace {

std::optional<Timestamp> moment_of(std::string_view bytes) {
    const auto document = value::parse_json(bytes);
    if (!document) return std::nullopt;
    return record::parse_timestamp(document->root().find("ts").text());
}

}  // namespace

std::string Entry::line() const {
    value::Builder out;
    out.begin_object()
        .key("seq")
        .integer(seq)
        .key("leaf")
        .text(to_hex(leaf.view()))
        .key("chain")
        .text(to_hex(chain.view()));
    out.key("entry").text(bytes).end();
    return value::to_json(out.take().root());
}

Result<Entry> Entry::parse(std::string_view line) {
    TRY(const auto document, value::parse_json(line));
    const auto root = document.root();
    const auto leaf = hash_of(from_hex(root.find("leaf").text())), chain = hash_of(from_hex(root.find("chain").text()));
    if (!root.find("seq").is(value::Kind::integer) || !leaf || !chain || !root.find("entry").is(value::Kind::text))
        return fail(Fault::bad_input, "a line of an export has seq, leaf, chain and entry");
    return Entry{root.find("seq").integer(), std::string(root.find("entry").text()), *leaf, *chain};
}

TrailCheck::TrailCheck(std::vector<Checkpoint> checkpoints) : checkpoints_(std::move(checkpoints)) {
    std::ranges::sort(checkpoints_, {}, &Checkpoint::size);
    compare();
}

bool TrailCheck::add(const Entry& entry) {
    if (outcome_.broken_at) return false;
    if (auto flaw = flaw_of(entry); !flaw.empty()) {
        break_at(entry.seq, std::move(flaw));
        return false;
    }
    chain_ = entry.chain;
    tree_.append(entry.leaf);
    const auto at = *moment_of(entry.bytes);
    if (newest_ && at + kSkew < *newest_ && !outcome_.clock_back_at) outcome_.clock_back_at = entry.seq;
    newest_ = std::max(newest_.value_or(at), at);
    ++outcome_.entries;
    compare();
    return !outcome_.broken_at;
}

TrailCheck::Outcome TrailCheck::finish() {
    if (!outcome_.broken_at && next_ < checkpoints_.size())
        break_at(static_cast<std::int64_t>(outcome_.entries) + 1,
                 fmt::format("the end is missing: a checkpoint counts {} entries", checkpoints_.back().size));
    outcome_.root = tree_.root();
    return outcome_;
}

void TrailCheck::break_at(std::int64_t seq, std::string reason) {
    outcome_.broken_at = seq;
    outcome_.reason = std::move(reason);
}

std::string TrailCheck::flaw_of(const Entry& entry) const {
    const auto expected = static_cast<std::int64_t>(outcome_.entries) + 1;
    if (entry.seq > expected) return fmt::format("entries are missing before it: {} was expected", expected);
    if (entry.seq < expected) return fmt::format("it stands where {} was expected", expected);
    if (entry.bytes.size() > kLongestEntry) return "it is longer than any entry that is written";
    if (entry.leaf != leaf_hash(entry.bytes)) return "its bytes were changed";
    if (entry.chain != chain_hash(chain_, entry.leaf)) return "it does not follow from the entry before";
    return moment_of(entry.bytes) ? std::string() : "it tells no time";
}

void TrailCheck::compare() {
    for (; next_ < checkpoints_.size() && checkpoints_[next_].size == tree_.size(); ++next_) {
        if (checkpoints_[next_].root != tree_.root())
            return break_at(
                static_cast<std::int64_t>(tree_.size()),
                fmt::format("a checkpoint of {} entries has another root: the trail was written anew, or it "
                            "is one of another gateway",
                            tree_.size()));
        ++outcome_.checkpoints;
    }
}

}  // namespace tributary::audit
