#include "connectors/data/file/decoded_file.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <array>
#include <cerrno>

#include "connectors/data/file/sequential_file.hpp"

namespace tributary::connectors::file {

namespace {

constexpr std::size_t kPiece = 64 << 10;
const auto kNone = reinterpret_cast<iconv_t>(-1);

class DecodedFile final : public SequentialFile {
  public:
    DecodedFile(std::unique_ptr<SourceFile> text, const std::string& encoding)
        : SequentialFile(std::move(text)), converter_(iconv_open("UTF-8", encoding.c_str())) {}
    ~DecodedFile() override {
        if (converter_ != kNone) iconv_close(converter_);
    }
    DecodedFile(const DecodedFile&) = delete;
    DecodedFile& operator=(const DecodedFile&) = delete;

  protected:
    Result<void> restart() override {
        if (converter_ == kNone) return fail(Fault::bad_config, "the encoding is not known");
        iconv(converter_, nullptr, nullptr, nullptr, nullptr);
        at_ = 0;
        rest_.clear();
        return {};
    }

    Result<bool> more(std::string& out) override {
        TRY(auto bytes, packed().read_at(at_, kPiece));
        const auto begins = at_ - rest_.size();
        at_ += bytes.size();
        if (bytes.empty()) {
            if (rest_.empty()) return false;
            return fail(Fault::bad_input, fmt::format("byte {}: the text ends inside a character", begins));
        }
        rest_ += bytes;
        char* in = rest_.data();
        std::size_t left = rest_.size();
        while (left > 0) {
            std::array<char, kPiece> room{};
            char* to = room.data();
            std::size_t free = room.size();
            const auto code = iconv(converter_, &in, &left, &to, &free);
            const int why = errno;
            out.append(room.data(), room.size() - free);
            if (code != static_cast<std::size_t>(-1) || why == E2BIG) continue;
            if (why == EINVAL) break;  // the rest of a character comes with the next piece
            return fail(Fault::bad_input, fmt::format("byte {}: the text is not in the encoding that is set",
                                                      begins + rest_.size() - left));
        }
        rest_.erase(0, rest_.size() - left);
        return true;
    }

  private:
    iconv_t converter_;
    std::uint64_t at_ = 0;
    std::string rest_;  // read and not yet converted: a part of a character
};

}  // namespace

bool known_encoding(const std::string& name) {
    // "//IGNORE" would drop what cannot be read.
    if (name.empty() || name.find('/') != name.npos) return false;
    const auto converter = iconv_open("UTF-8", name.c_str());
    if (converter == kNone) return false;
    iconv_close(converter);
    return true;
}

std::unique_ptr<SourceFile> open_decoded(std::unique_ptr<SourceFile> text, const std::string& encoding) {
    return std::make_unique<DecodedFile>(std::move(text), encoding);
}

}  // namespace tributary::connectors::file
