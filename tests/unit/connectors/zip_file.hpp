// Zip files for tests, deflated by zlib: what the reader under test must read.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace tributary::test {

inline std::string deflated(std::string_view bytes, int window) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, bytes.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

inline std::string gzip(std::string_view bytes) {
    return deflated(bytes, 31);
}

class ZipFile {
  public:
    void add(std::string_view name, std::string_view bytes) {
        const auto packed = deflated(bytes, -15);
        const auto crc = crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
        std::string common;
        put(common, 0, 2);
        put(common, 8, 2);
        put(common, 0, 4);
        put(common, crc, 4);
        put(common, packed.size(), 4);
        put(common, bytes.size(), 4);
        put(common, name.size(), 2);
        put(common, 0, 2);
        put(directory_, 0x02014b50, 4);
        put(directory_, 20, 2);
        put(directory_, 20, 2);
        directory_ += common;
        put(directory_, 0, 2);
        put(directory_, 0, 2);
        put(directory_, 0, 2);
        put(directory_, 0, 4);
        put(directory_, files_.size(), 4);
        directory_ += name;
        put(files_, 0x04034b50, 4);
        put(files_, 20, 2);
        files_ += common;
        files_ += name;
        files_ += packed;
        ++count_;
    }
    std::string bytes() const {
        auto out = files_ + directory_;
        put(out, 0x06054b50, 4);
        put(out, 0, 4);
        put(out, count_, 2);
        put(out, count_, 2);
        put(out, directory_.size(), 4);
        put(out, files_.size(), 4);
        put(out, 0, 2);
        return out;
    }

  private:
    static void put(std::string& out, std::size_t value, int size) {
        for (; size > 0; --size, value >>= 8) out += static_cast<char>(value & 0xFF);
    }
    std::string files_, directory_;
    std::size_t count_ = 0;
};

}  // namespace tributary::test
