#include "gateway/backup/archive.hpp"
#include "gateway/backup/archive_form.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/ed25519.hpp"
#include "gateway/value/json.hpp"

namespace tributary::backup {
namespace {

std::unexpected<Error> cut() {
    return fail(Fault::bad_input, "the backup is cut off");
}

Result<std::string> read_line(std::istream& in) {
    std::string line;
    for (char c = 0; line.size() <= kLongestHeader && in.get(c);) {
        if (c == '\n') return line;
        line += c;
    }
    if (!in) return cut();
    return fail(Fault::bad_input, "the header of the backup is too long");
}

std::unexpected<Error> changed(std::string_view what) {
    return fail(Fault::refused, "the backup was changed: " + std::string(what));
}

}  // namespace

Result<ArchiveReader> ArchiveReader::open(std::istream& in, const vault::KeyRing& ring) {
    std::string magic(kMagic.size(), '\0');
    in.read(magic.data(), static_cast<std::streamsize>(magic.size()));
    if (!in || magic != kMagic)
        return fail(Fault::bad_input, "not a backup of this program: such a file begins with 'tributary backup 1'");
    TRY(const auto line, read_line(in));
    TRY(const auto document, value::parse_json(line));
    const auto header = document.root();
    Manifest manifest;
    const auto id = Uid::parse(header.find("id").text()), key_id = Uid::parse(header.find("key").text()),
               ring_id = Uid::parse(header.find("sealed_with").text());
    const auto kind = header.find("kind").text();
    const auto sealed = from_base64(header.find("sealed").text());
    manifest.gateway = header.find("gateway").text();
    if (!id || !key_id || !ring_id || !sealed || (kind != "data" && kind != "keys") ||
        !header.find("created").is(value::Kind::integer) || !header.find("schema").is(value::Kind::integer) ||
        !audit::is_note_name(signer_name(manifest.gateway)))
        return fail(Fault::bad_input, "the header of the backup is not complete");
    manifest.id = *id;
    manifest.kind = kind == "data" ? Kind::data : Kind::keys;
    manifest.created = Timestamp{Milliseconds{header.find("created").integer()}};
    manifest.schema = static_cast<std::uint32_t>(header.find("schema").integer());
    manifest.header = crypto::sha256(line).text();
    const auto ring_key = ring.find(*ring_id);
    if (!ring_key)
        return fail(Fault::not_found,
                    "the backup is sealed with a key that this key ring does not hold: give the ring of its gateway");
    auto key = ring_key->open_secret(key_place(manifest), *sealed);
    if (!key || key->size() != 32) return changed("its key does not open");
    audit::NoteKey signer(signer_name(manifest.gateway), crypto::ed25519_public_key(manifest_seed(*ring_key)));
    return ArchiveReader(in, std::move(manifest), crypto::AeadKey(*key_id, std::move(*key)), std::move(signer));
}

Result<std::string> ArchiveReader::bytes(std::size_t size) {
    std::string out(size, '\0');
    in_->read(out.data(), static_cast<std::streamsize>(size));
    if (in_->gcount() != static_cast<std::streamsize>(size)) return cut();
    return out;
}

Result<ArchiveReader::Piece> ArchiveReader::next() {
    if (ended_) return Piece{};
    TRY(const auto head, bytes(5));
    const auto size = length_of(std::string_view(head).substr(1));
    const auto kind = head.front();
    const bool chunk = kind == kChunkFrame || kind == kLastFrame;
    if (!chunk && kind != kPartFrame && kind != kManifestFrame)
        return fail(Fault::bad_input, "the backup holds a frame of an unknown kind");
    const auto most = chunk ? kChunk + crypto::kSealOverhead : kind == kPartFrame ? kLongestName : kLongestManifest;
    if (size > most) return fail(Fault::bad_input, "the backup holds a frame that is too long");
    TRY(auto content, bytes(size));
    if (chunk) return read_chunk(kind == kLastFrame, content);
    if (part_) return changed("the last chunk of part " + *part_ + " is missing");
    if (kind == kManifestFrame) return read_manifest(content);
    part_ = content;
    hashes_.clear();
    parts_.push_back({content, 0, 0, {}});
    return Piece{Piece::Kind::begin, std::move(content)};
}

Result<ArchiveReader::Piece> ArchiveReader::read_chunk(bool last, std::string_view sealed) {
    if (!part_) return changed("a chunk stands outside of all parts");
    auto opened = key_.open(chunk_place(manifest_, *part_, number_, last), sealed);
    if (!opened) return changed("chunk " + std::to_string(number_) + " does not open");
    ++number_;
    hashes_ += crypto::sha256(sealed).view();
    ++parts_.back().chunks;
    if (!last) return Piece{Piece::Kind::bytes, std::move(*opened)};
    parts_.back().digest = crypto::sha256(hashes_).text();
    part_.reset();
    return Piece{Piece::Kind::end, std::move(*opened)};
}

Result<ArchiveReader::Piece> ArchiveReader::read_manifest(const std::string& note) {
    auto text = audit::open_note(note, signer_);
    if (!text) return changed("the signature of its manifest does not fit");
    TRY(auto manifest, Manifest::parse(*text));
    for (std::size_t i = 0; i < parts_.size() && i < manifest.parts.size(); ++i)
        parts_[i].rows = manifest.parts[i].rows;
    if (manifest.id != manifest_.id || manifest.kind != manifest_.kind || manifest.gateway != manifest_.gateway ||
        manifest.created != manifest_.created || manifest.schema != manifest_.schema ||
        manifest.header != manifest_.header)
        return changed("its header is not the one of its manifest");
    if (manifest.parts != parts_) return changed("its parts are not those of its manifest");
    TRY(const auto length, bytes(4));
    if (length_of(length) != note.size() || in_->peek() != std::istream::traits_type::eof())
        return changed("something stands after its end");
    manifest_ = std::move(manifest);
    ended_ = true;
    return Piece{};
}

Result<Manifest> peek_manifest(std::istream& in) {
    const auto none = fail(Fault::bad_input, "the backup is not whole: it has no manifest at its end");
    std::string four(4, '\0');
    in.seekg(-4, std::ios::end);
    if (!in.read(four.data(), 4)) return none;
    const auto size = length_of(four);
    if (size > kLongestManifest) return none;
    std::string note(size, '\0');
    in.seekg(-4 - static_cast<std::streamoff>(size), std::ios::end);
    if (!in.read(note.data(), static_cast<std::streamsize>(size))) return none;
    const auto gap = note.find("\n\n");
    if (gap == std::string::npos) return none;
    return Manifest::parse(std::string_view(note).substr(0, gap + 1));
}

}  // namespace tributary::backup
