#include "gateway/connector/native/plugin_host.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <utility>

#include "gateway/connector/native/frame.hpp"
#include "gateway/connector/native/library.hpp"

namespace tributary::connector::native {
namespace {

class Wire {
  public:
    // Takes the standard input and output away from the library, which might print.
    Wire() : in_(::fcntl(0, F_DUPFD_CLOEXEC, 100)), out_(::fcntl(1, F_DUPFD_CLOEXEC, 100)) {
        const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        ::dup2(nothing, 0);
        ::dup2(2, 1);
        ::close(nothing);
    }

    // nullopt: the gateway is gone, or says what there is not.
    std::optional<Frame> read() {
        std::array<char, 64 << 10> chunk{};
        for (;;) {
            auto frame = frames_.next();
            if (!frame) return std::nullopt;
            if (*frame) return *std::move(frame);
            const auto size = ::read(in_, chunk.data(), chunk.size());
            if (size < 0 && errno == EINTR) continue;
            if (size <= 0) return std::nullopt;
            frames_.feed({chunk.data(), static_cast<std::size_t>(size)});
        }
    }

    // From any thread of the library.
    void write(Frame::Kind kind, std::string_view text) {
        const std::scoped_lock lock(mutex_);
        const auto bytes = write_frame(kind, text);
        for (std::string_view rest = bytes; !rest.empty();) {
            const auto size = ::write(out_, rest.data(), rest.size());
            if (size < 0 && errno == EINTR) continue;
            if (size <= 0) return;  // the next read tells that nobody is there
            rest.remove_prefix(static_cast<std::size_t>(size));
        }
    }

  private:
    int in_, out_;
    FrameReader frames_;
    std::mutex mutex_;
};

void log_line(void* context, std::int32_t level, tributary_text message) {
    const char digit = static_cast<char>('0' + (level < 0 || level > 3 ? 3 : level));
    static_cast<Wire*>(context)->write(Frame::Kind::log, digit + std::string(message.data, message.size));
}

// Past its limit this process is killed, so there is nothing to ask.
std::int32_t never(void*) {
    return 0;
}

tributary_text text_of(std::string_view text) {
    return {text.data(), text.size()};
}

class Served {
  public:
    Served(Wire& wire, const tributary_plugin& table)
        : wire_(wire), table_(table), host_{TRIBUTARY_PLUGIN_ABI, sizeof(tributary_host), &wire, log_line, never} {}
    ~Served() {
        if (instance_) table_.close(instance_);
    }
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    void answer(const Frame& frame) {
        tributary_answer answer{};
        if (frame.kind == Frame::Kind::open) {
            if (instance_) table_.close(std::exchange(instance_, nullptr));
            instance_ = table_.open(&host_, text_of(frame.text), &answer);
            wire_.write(Frame::Kind::answer, instance_ ? "{}" : take(table_, answer));
            return;
        }
        const std::string_view text = frame.text;
        const auto end = text.find('\n');
        if (!instance_ || end == text.npos) return wire_.write(Frame::Kind::broken, "there is no instance to call");
        table_.call(instance_, text_of(text.substr(0, end)), text_of(text.substr(end + 1)), &answer);
        wire_.write(Frame::Kind::answer, take(table_, answer));
    }

  private:
    Wire& wire_;
    const tributary_plugin& table_;
    tributary_host host_;
    void* instance_ = nullptr;
};

}  // namespace

int serve_plugin(const std::filesystem::path& path) {
    // A core file would hold the credentials.
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    Wire wire;
    const auto library = Library::load(path);
    if (!library) {
        std::ignore = wire.read();  // the frame that this answers
        wire.write(Frame::Kind::broken, library.error().text());
        return 1;
    }
    Served served(wire, library->table());
    while (const auto frame = wire.read()) served.answer(*frame);
    return 0;
}

}  // namespace tributary::connector::native
