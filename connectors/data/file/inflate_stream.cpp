#include "connectors/data/file/inflate_stream.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <optional>

#include "connectors/data/file/sequential_file.hpp"

namespace tributary::connectors::file {

namespace {
constexpr std::size_t kIn = 64 << 10, kOut = 64 << 10;
}

struct InflateStream::Impl {
    Impl(SourceFile& from, Packed what, std::uint64_t limit) : file(from), packed(what), most(limit), at(what.begins) {
        ready = packed.form == Packed::Form::stored ||
                inflateInit2(&stream, packed.form == Packed::Form::gzip ? 31 : -15) == Z_OK;
    }
    ~Impl() {
        if (packed.form != Packed::Form::stored) inflateEnd(&stream);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    // The next packed bytes; none: the end.
    Result<void> refill() {
        const auto left = packed.size - (at - packed.begins);
        TRY(input, file.read_at(at, static_cast<std::size_t>(std::min<std::uint64_t>(kIn, left))));
        at += input.size();
        stream.next_in = reinterpret_cast<Bytef*>(input.data());
        stream.avail_in = static_cast<uInt>(input.size());
        return {};
    }

    Result<bool> took(std::string_view bytes, bool goes_on) {
        crc = static_cast<std::uint32_t>(
            crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
        size += bytes.size();
        if (size > most)
            return fail(Fault::bad_input, fmt::format("it unpacks to more than max_unpacked ({} bytes)", most));
        return goes_on;
    }

    Result<bool> copy(std::string& out) {
        CHECK_OK(refill());
        out += input;
        if (input.empty() && packed.size != UINT64_MAX && at - packed.begins < packed.size)
            return fail(Fault::bad_input, "the file ends in the middle of it");
        return took(input, !input.empty());
    }

    Result<bool> more(std::string& out) {
        if (!ready) return fail(Fault::transient, "there is no memory to unpack with");
        if (ended) return false;
        if (packed.form == Packed::Form::stored) return copy(out);
        const auto before = out.size();
        out.resize(before + kOut);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        stream.avail_out = kOut;
        while (stream.avail_out > 0 && !ended) {
            if (stream.avail_in == 0) CHECK_OK(refill());
            if (stream.avail_in == 0) {
                // The end of the file is an end only between two members.
                if (!between)
                    return fail(Fault::bad_input,
                                "the packed data ends in the middle: it is cut or still being written");
                ended = true;
                break;
            }
            if (between) {
                // Zeros after the last member are padding (gzip reads over them).
                while (stream.avail_in > 0 && *stream.next_in == 0) {
                    ++stream.next_in;
                    --stream.avail_in;
                }
                if (stream.avail_in == 0) continue;
                inflateReset(&stream);
                between = false;
            }
            const int code = inflate(&stream, Z_NO_FLUSH);
            if (code == Z_STREAM_END) {
                between = packed.form == Packed::Form::gzip;
                ended = !between;
            } else if (code != Z_OK && code != Z_BUF_ERROR) {
                return fail(Fault::bad_input, "the packed data is broken");
            }
        }
        const auto made = kOut - stream.avail_out;
        out.resize(before + made);
        return took(std::string_view(out).substr(before), !ended);
    }

    SourceFile& file;
    Packed packed;
    std::uint64_t most, at;
    z_stream stream{};
    std::string input;
    std::uint32_t crc = 0;
    std::uint64_t size = 0;
    bool ready = false, between = false, ended = false;
};

InflateStream::InflateStream(SourceFile& file, Packed packed, std::uint64_t most)
    : impl_(std::make_unique<Impl>(file, packed, most)) {}
InflateStream::~InflateStream() = default;
InflateStream::InflateStream(InflateStream&&) noexcept = default;
InflateStream& InflateStream::operator=(InflateStream&&) noexcept = default;

Result<bool> InflateStream::more(std::string& out) {
    return impl_->more(out);
}
std::uint32_t InflateStream::crc() const {
    return impl_->crc;
}
std::uint64_t InflateStream::size() const {
    return impl_->size;
}

namespace {

class GzipFile final : public SequentialFile {
  public:
    GzipFile(std::unique_ptr<SourceFile> packed, std::uint64_t most) : SequentialFile(std::move(packed)), most_(most) {}

  protected:
    Result<void> restart() override {
        stream_.emplace(packed(), Packed{}, most_);
        return {};
    }
    Result<bool> more(std::string& out) override { return stream_->more(out); }

  private:
    std::uint64_t most_;
    std::optional<InflateStream> stream_;
};

}  // namespace

std::unique_ptr<SourceFile> open_gzip(std::unique_ptr<SourceFile> packed, std::uint64_t most) {
    return std::make_unique<GzipFile>(std::move(packed), most);
}

}  // namespace tributary::connectors::file
