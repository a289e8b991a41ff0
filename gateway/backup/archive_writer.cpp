#include "gateway/backup/archive.hpp"
#include "gateway/backup/archive_form.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/value/json.hpp"

namespace tributary::backup {

ArchiveWriter::ArchiveWriter(Manifest manifest, const vault::KeyRing& ring, crypto::Random& random, Sink sink)
    : manifest_(std::move(manifest)),
      ring_(ring),
      random_(random),
      sink_(std::move(sink)),
      key_(crypto::AeadKey::generate(random)) {}

Result<void> ArchiveWriter::begin() {
    const auto ring_key = ring_.primary(vault::Use::backup);
    value::Builder header;
    header.begin_object().key("id").text(manifest_.id.text()).key("kind").text(name_of(manifest_.kind));
    header.key("gateway").text(manifest_.gateway).key("schema").integer(manifest_.schema);
    header.key("created").integer(manifest_.created.time_since_epoch().count());
    header.key("key").text(key_.id().text()).key("sealed_with").text(ring_key->id().text());
    header.key("sealed").text(to_base64(ring_key->seal(key_place(manifest_), key_.key().reveal(), random_))).end();
    const auto line = value::to_json(header.take().root());
    manifest_.header = crypto::sha256(line).text();
    CHECK_OK(sink_(kMagic));
    return sink_(line + "\n");
}

Result<void> ArchiveWriter::frame(char kind, std::string_view content) {
    CHECK_OK(sink_(kind + length_bytes(content.size())));
    return sink_(content);
}

Result<void> ArchiveWriter::begin_part(std::string_view name) {
    manifest_.parts.push_back({std::string(name), 0, 0, {}});
    hashes_.clear();
    return frame(kPartFrame, name);
}

Result<void> ArchiveWriter::chunk(bool last) {
    const auto size = std::min(waiting_.size(), kChunk);
    auto& part = manifest_.parts.back();
    const auto sealed = key_.seal(chunk_place(manifest_, part.name, number_++, last),
                                  std::string_view(waiting_).substr(0, size), random_);
    waiting_.erase(0, size);
    hashes_ += crypto::sha256(sealed).view();
    ++part.chunks;
    return frame(last ? kLastFrame : kChunkFrame, sealed);
}

Result<void> ArchiveWriter::add(std::string_view bytes) {
    waiting_ += bytes;
    while (waiting_.size() > kChunk) CHECK_OK(chunk(false));
    return {};
}

Result<void> ArchiveWriter::end_part(std::uint64_t rows) {
    CHECK_OK(chunk(true));
    manifest_.parts.back().rows = rows;
    manifest_.parts.back().digest = crypto::sha256(hashes_).text();
    return {};
}

Result<Manifest> ArchiveWriter::finish(Timestamp now, std::uint64_t audit_size, std::string audit_root,
                                       std::string checkpoint) {
    manifest_.finished = now;
    manifest_.audit_size = audit_size;
    manifest_.audit_root = std::move(audit_root);
    manifest_.checkpoint = std::move(checkpoint);
    const audit::NoteSigner signer(signer_name(manifest_.gateway), manifest_seed(*ring_.primary(vault::Use::backup)));
    const auto note = signer.sign(manifest_.text());
    CHECK_OK(frame(kManifestFrame, note));
    CHECK_OK(sink_(length_bytes(note.size())));
    return manifest_;
}

}  // namespace tributary::backup
