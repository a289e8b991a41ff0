#include "tests/fault/disk/crashed_disk.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace tributary::disk {
namespace {

constexpr std::size_t kSector = 512;

void put(std::string& into, std::size_t offset, std::string_view bytes) {
    if (into.size() < offset + bytes.size()) into.resize(offset + bytes.size(), '\0');
    into.replace(offset, bytes.size(), bytes);
}

void change(std::string& content, const Event& event) {
    const auto offset = static_cast<std::size_t>(event.offset);
    if (event.kind == Event::Kind::write)
        put(content, offset, event.bytes);
    else
        content.resize(offset, '\0');
}

bool chance(std::mt19937_64& random, unsigned percent) {
    return random() % 100 < percent;
}

// Each sector of the write arrived, or did not, or was being written.
void tear(std::string& content, const Event& event, unsigned percent, std::mt19937_64& random) {
    const auto begin = static_cast<std::size_t>(event.offset), end = begin + event.bytes.size();
    for (auto at = begin; at < end;) {
        const auto next = std::min(end, (at / kSector + 1) * kSector);
        std::string part = event.bytes.substr(at - begin, next - at);
        if (chance(random, percent)) {
            if (chance(random, 10))
                for (auto& byte : part) byte = static_cast<char>(random());
            put(content, at, part);
        }
        at = next;
    }
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

void Image::write_to(const std::filesystem::path& path) const {
    const auto beside = [&](const char* suffix) { return std::filesystem::path(path.string() + suffix); };
    std::ofstream(path, std::ios::binary | std::ios::trunc) << database;
    std::filesystem::remove(beside("-shm"));
    std::filesystem::remove(beside("-wal"));
    if (log) std::ofstream(beside("-wal"), std::ios::binary) << *log;
    std::ofstream(beside(".lock"), std::ios::trunc) << "running\n";
}

Image Image::read_from(const std::filesystem::path& path) {
    Image image{text_of(path), std::nullopt};
    const std::filesystem::path log(path.string() + "-wal");
    if (std::filesystem::exists(log)) image.log = text_of(log);
    return image;
}

CrashedDisk::CrashedDisk(const Image& base) {
    database_.visible = database_.durable = base.database;
    log_.exists = log_.durable_exists = base.log.has_value();
    log_.visible = log_.durable = base.log.value_or("");
}

void CrashedDisk::apply(const Event& event) {
    auto& content = event.file == File::database ? database_ : log_;
    switch (event.kind) {
        case Event::Kind::write:
        case Event::Kind::truncate:
            change(content.visible, event);
            content.pending.push_back(&event);
            break;
        case Event::Kind::sync:
            content.sync(false);
            break;
        case Event::Kind::failed_sync:
            content.sync(true);
            break;
        case Event::Kind::create:
            content.visible.clear();
            content.pending.clear();
            content.exists = content.fresh = true;
            break;
        case Event::Kind::remove:
            content.visible.clear();
            content.pending.clear();
            content.exists = false;
            break;
    }
}

void CrashedDisk::Content::sync(bool failed) {
    if (failed) {
        pending.clear();
        return;
    }
    if (fresh) durable.clear();
    for (const auto* event : pending) change(durable, *event);
    pending.clear();
    fresh = false;
    durable_exists = exists;
}

std::optional<std::string> CrashedDisk::Content::after(Loss loss, std::mt19937_64& random) const {
    if (loss == Loss::none) return exists ? std::optional(visible) : std::nullopt;
    const auto before = durable_exists ? std::optional(durable) : std::nullopt;
    if (loss == Loss::all) return before;
    if ((fresh || !exists) && chance(random, 50)) return before;
    if (!exists) return std::nullopt;
    std::string content = fresh ? std::string() : durable;
    const auto percent = static_cast<unsigned>(10 + random() % 85);
    for (const auto* event : pending) {
        if (event->kind == Event::Kind::write)
            tear(content, *event, percent, random);
        else if (chance(random, percent))
            change(content, *event);
    }
    return content;
}

Image CrashedDisk::image(Loss loss, std::mt19937_64& random) const {
    return {database_.after(loss, random).value_or(""), log_.after(loss, random)};
}

}  // namespace tributary::disk
