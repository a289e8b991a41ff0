// The journal's lines: "known KEY", "intent OFFSET SIZE PRINT KEY...", "done". A line without its end was never
// durable.
#include "connectors/data/file/journal.hpp"

#include <fmt/format.h>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::connectors::file {

namespace {

std::string print_of(std::string_view bytes) {
    return to_hex(crypto::sha256(bytes).view().substr(0, 16));
}

}  // namespace

Uid Journal::id_of(std::string_view key) {
    const auto digest = crypto::sha256(key);
    return Uid::from_bytes(std::span<const std::uint8_t, 16>(digest.data(), 16));
}

void Journal::remember(const Uid& id) {
    if (!known_.insert(id).second) return;
    order_.push_back(id);
    if (order_.size() <= kRemembered) return;
    known_.erase(order_.front());
    order_.pop_front();
}

Result<Journal> Journal::open(const std::filesystem::path& file_path, FileHandle& file) {
    auto path = file_path;
    path += ".journal";
    TRY(auto handle, FileHandle::open_append(path));
    CHECK_OK(handle.lock());
    Journal journal(std::move(path), std::move(handle));
    CHECK_OK(journal.load(file));
    return journal;
}

// Reads the lines and returns the intent that nothing follows.
std::optional<Journal::Pending> Journal::replay(std::string_view text) {
    std::optional<Pending> pending;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == text.npos) break;
        const auto words = split(text.substr(0, end), ' ');
        text.remove_prefix(end + 1);
        std::vector<Uid> keys;
        for (const auto word : words) {
            if (const auto key = Uid::parse(word)) keys.push_back(*key);
        }
        if (words.front() == "intent" && words.size() > 4) {
            const auto offset = to_integer(words[1]), size = to_integer(words[2]);
            if (offset && size) {
                pending = {std::move(keys), static_cast<std::uint64_t>(*offset), static_cast<std::uint64_t>(*size),
                           std::string(words[3])};
            }
            continue;
        }
        if (words.front() == "done" && pending) {
            for (const auto& key : pending->keys) remember(key);
            pending.reset();
        }
        if (words.front() == "known") {
            for (const auto& key : keys) remember(key);
        }
    }
    return pending;
}

Result<void> Journal::load(FileHandle& file) {
    TRY(const auto stat, handle_.stat());
    TRY(const auto text, handle_.read_at(0, stat.size));
    if (const auto pending = replay(text)) {
        TRY(const auto there, file.read_at(pending->offset, pending->size));
        TRY(const auto found, file.stat());
        if (there.size() == pending->size && print_of(there) == pending->print) {
            for (const auto& key : pending->keys) remember(key);
        } else if (found.size > pending->offset) {
            CHECK_OK(file.truncate(pending->offset));
        }
        // What is there is made durable before it counts: the crash may have come before the fsync.
        CHECK_OK(file.sync());
    }
    return compact();
}

// Written anew beside the old one and renamed, so there is always one that is whole. The lock moves with it.
Result<void> Journal::compact() {
    auto fresh_path = path_;
    fresh_path += ".new";
    std::error_code error;
    std::filesystem::remove(fresh_path, error);
    TRY(auto fresh, FileHandle::open_append(fresh_path));
    CHECK_OK(fresh.lock());
    std::string text;
    for (const auto& id : order_) text += "known " + id.text() + '\n';
    CHECK_OK(fresh.append(text));
    CHECK_OK(fresh.sync());
    std::filesystem::rename(fresh_path, path_, error);
    if (error) return fail(Fault::transient, fmt::format("rename {}: {}", fresh_path.string(), error.message()));
    CHECK_OK(sync_directory_of(path_));
    handle_ = std::move(fresh);
    written_ = order_.size();
    return {};
}

Result<void> Journal::intent(const std::vector<std::string>& keys, std::uint64_t offset, std::string_view bytes) {
    if (written_ > 2 * kRemembered) CHECK_OK(compact());
    auto line = fmt::format("intent {} {} {}", offset, bytes.size(), print_of(bytes));
    for (const auto& key : keys) line += ' ' + id_of(key).text();
    line += '\n';
    CHECK_OK(handle_.append(line));
    written_ += keys.size();
    return handle_.sync();
}

Result<void> Journal::done(const std::vector<std::string>& keys) {
    CHECK_OK(handle_.append("done\n"));
    for (const auto& key : keys) remember(id_of(key));
    return {};
}

}  // namespace tributary::connectors::file
