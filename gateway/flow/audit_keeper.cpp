#include "gateway/flow/audit_keeper.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "gateway/audit/checkpoint.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kBatch = 2000;

Result<void> append_to(const std::filesystem::path& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    const bool kept =
        file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    if (file >= 0) ::close(file);
    if (!kept) return fail(Fault::transient, "the checkpoint cannot be appended", path.string());
    return {};
}

}  // namespace

Result<void> each_entry(store::Store& store, std::int64_t after, const std::function<bool(const audit::Entry&)>& f) {
    for (;;) {
        std::vector<audit::Entry> entries;
        CHECK_OK(store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(entries, session.audit().read(after, kBatch));
            return {};
        }));
        for (const auto& entry : entries) {
            if (!f(entry)) return {};
            after = entry.seq;
        }
        if (entries.empty()) return {};
    }
}

Result<void> each_checkpoint(store::Store& store, const std::function<void(const store::AuditCheckpoint&)>& f) {
    for (std::uint64_t after = 0;;) {
        std::vector<store::AuditCheckpoint> some;
        CHECK_OK(store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(some, session.audit().checkpoints(after, kBatch));
            return {};
        }));
        if (some.empty()) return {};
        for (const auto& one : some) f(one);
        after = some.back().size;
    }
}

Result<std::optional<store::AuditCheckpoint>> AuditKeeper::keep(bool now) {
    const std::lock_guard lock(mutex_);
    std::optional<store::AuditCheckpoint> newest;
    std::optional<audit::Entry> last;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(newest, session.audit().last_checkpoint());
        TRY(last, session.audit().last());
        return {};
    }));
    const auto size = last ? static_cast<std::uint64_t>(last->seq) : 0;
    const auto covered = newest ? newest->size : 0;
    const bool due = !newest || size >= covered + kEvery || clock_.now() - newest->at >= kPeriod;
    if (size > covered && (now || due)) CHECK_OK(make(newest, size));
    if (newest && !anchor_.empty() && anchored_ != newest->size)
        if (auto kept = anchor(*newest); !kept) log_.error("audit checkpoint not anchored", kept.error());
    return newest;
}

Result<void> AuditKeeper::append(std::string_view note) {
    const std::lock_guard lock(mutex_);
    return anchor_.empty() ? Result<void>{} : append_to(anchor_, note);
}

// Goes on from `newest`, and becomes it.
Result<void> AuditKeeper::make(std::optional<store::AuditCheckpoint>& newest, std::uint64_t size) {
    audit::Tree tree;
    if (newest) {
        TRY(tree, audit::Tree::of(newest->size, newest->parts));
    }
    CHECK_OK(each_entry(store_, static_cast<std::int64_t>(tree.size()), [&](const audit::Entry& entry) {
        if (entry.seq != static_cast<std::int64_t>(tree.size()) + 1) return false;
        tree.append(entry.leaf);
        return tree.size() < size;
    }));
    if (tree.size() < size)
        return fail(Fault::internal, "entries of the audit trail are missing: run `tributary audit verify`");
    const audit::Checkpoint checkpoint{signer_.key().name(), tree.size(), tree.root()};
    newest = store::AuditCheckpoint{tree.size(), clock_.now(), tree.parts(), signer_.sign(checkpoint.text())};
    return store_.write([&](store::Session& session) { return session.audit().put_checkpoint(*newest); });
}

// Those that are not there yet, the oldest first: the file may have been out of reach for a while.
Result<void> AuditKeeper::anchor(const store::AuditCheckpoint& newest) {
    if (!anchored_) {
        std::ifstream in(anchor_, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        std::uint64_t size = 0;
        for (const auto& one : audit::open_notes(text, signer_.key()).checkpoints) size = std::max(size, one.size);
        // A line that was cut off is ended, so that the next note stands by itself.
        if (!text.empty() && !text.ends_with('\n')) CHECK_OK(append_to(anchor_, "\n"));
        anchored_ = size;
    }
    std::vector<store::AuditCheckpoint> lacking;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(lacking, session.audit().checkpoints(*anchored_, kBatch));
        return {};
    }));
    for (const auto& one : lacking) {
        CHECK_OK(append_to(anchor_, one.note));
        anchored_ = one.size;
    }
    if (lacking.empty()) anchored_ = newest.size;
    return {};
}

}  // namespace tributary::flow
