#include "gateway/net/sftp_session.hpp"

#include <fmt/format.h>
#include <libssh2.h>
#include <libssh2_sftp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "gateway/base/base64.hpp"
#include "gateway/net/tcp_connect.hpp"

namespace tributary::net {

namespace {

constexpr std::size_t kWritten = 32'000;  // bytes of one call
constexpr long kMode = 0640;

struct CloseSession {
    void operator()(LIBSSH2_SESSION* session) const {
        libssh2_session_set_timeout(session, 1000);  // a server that is gone is not waited for
        libssh2_session_disconnect(session, "done");
        libssh2_session_free(session);
    }
};
struct CloseSftp {
    void operator()(LIBSSH2_SFTP* sftp) const { libssh2_sftp_shutdown(sftp); }
};
struct CloseHandle {
    void operator()(LIBSSH2_SFTP_HANDLE* handle) const { libssh2_sftp_close_handle(handle); }
};
using Handle = std::unique_ptr<LIBSSH2_SFTP_HANDLE, CloseHandle>;

class Socket {
  public:
    explicit Socket(int fd) : fd_(fd) {}
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

SftpStat stat_of(const LIBSSH2_SFTP_ATTRIBUTES& attributes) {
    SftpStat out;
    if ((attributes.flags & LIBSSH2_SFTP_ATTR_SIZE) != 0) out.size = attributes.filesize;
    if ((attributes.flags & LIBSSH2_SFTP_ATTR_ACMODTIME) != 0)
        out.modified_s = static_cast<std::int64_t>(attributes.mtime);
    out.regular = (attributes.flags & LIBSSH2_SFTP_ATTR_PERMISSIONS) == 0 ||
                  LIBSSH2_SFTP_S_ISREG(attributes.permissions) || LIBSSH2_SFTP_S_ISLNK(attributes.permissions);
    return out;
}

// SFTP version 3, section 7.
Fault fault_of(unsigned long code) {
    switch (code) {
        case LIBSSH2_FX_NO_SUCH_FILE:
        case LIBSSH2_FX_NO_SUCH_PATH:
            return Fault::not_found;
        case LIBSSH2_FX_PERMISSION_DENIED:
        case LIBSSH2_FX_WRITE_PROTECT:
        case LIBSSH2_FX_NOT_A_DIRECTORY:
        case LIBSSH2_FX_INVALID_FILENAME:
        case LIBSSH2_FX_OP_UNSUPPORTED:
            return Fault::bad_config;
        default:
            return Fault::transient;
    }
}

std::string_view meaning_of(unsigned long code) {
    switch (code) {
        case LIBSSH2_FX_NO_SUCH_FILE:
        case LIBSSH2_FX_NO_SUCH_PATH:
            return "there is no such file";
        case LIBSSH2_FX_PERMISSION_DENIED:
            return "the server denies the permission";
        case LIBSSH2_FX_NO_SPACE_ON_FILESYSTEM:
        case LIBSSH2_FX_QUOTA_EXCEEDED:
            return "there is no room on the server";
        default:
            return "the server refuses";
    }
}

}  // namespace

class SftpSession::File {
  public:
    explicit File(Handle handle) : handle(std::move(handle)) {}
    Handle handle;
    std::uint64_t at = 0;
};

struct SftpSession::Impl {
    Impl(std::string host_name, int fd) : host(std::move(host_name)), socket(fd) {}

    std::unexpected<Error> failure(const char* what, std::string_view path = {}) const {
        const auto where = path.empty() ? host : fmt::format("sftp://{}/{}", host, path);
        const int code = libssh2_session_last_errno(session.get());
        if (code == LIBSSH2_ERROR_SFTP_PROTOCOL && sftp) {
            const auto status = libssh2_sftp_last_error(sftp.get());
            return fail(fault_of(status), fmt::format("{}: {} (SFTP status {})", what, meaning_of(status), status),
                        where);
        }
        if (code == LIBSSH2_ERROR_TIMEOUT)
            return fail(Fault::transient, fmt::format("{}: the server took too long", what), where);
        char* text = nullptr;
        libssh2_session_last_error(session.get(), &text, nullptr, 0);
        return fail(Fault::transient, fmt::format("{}: {} (SSH error {})", what, text ? text : "failed", code), where);
    }

    Result<void> check_host_key(const std::string& fingerprint) const {
        const char* const found = libssh2_hostkey_hash(session.get(), LIBSSH2_HOSTKEY_HASH_SHA256);
        if (!found) return fail(Fault::transient, "the server shows no host key", host);
        if (fingerprint == std::string_view(found, 32)) return {};
        auto shown = to_base64(std::string_view(found, 32));
        while (shown.ends_with('=')) shown.pop_back();
        return fail(
            Fault::refused,
            fmt::format("the server's host key is SHA256:{}, not the one in host_key: somebody may be in between, "
                        "or the server has a new key",
                        shown),
            host);
    }

    Result<void> log_in(const std::string& user, const SftpLogin& login) const {
        const auto length = static_cast<unsigned>(user.size());
        int code = LIBSSH2_ERROR_AUTHENTICATION_FAILED;
        if (!login.private_key.empty()) {
            const auto key = login.private_key.reveal();
            const std::string passphrase(login.passphrase.reveal());
            code = libssh2_userauth_publickey_frommemory(session.get(), user.data(), user.size(), nullptr, 0,
                                                         key.data(), key.size(), passphrase.c_str());
        } else {
            const auto password = login.password.reveal();
            code = libssh2_userauth_password_ex(session.get(), user.data(), length, password.data(),
                                                static_cast<unsigned>(password.size()), nullptr);
        }
        if (code == 0) return {};
        if (code == LIBSSH2_ERROR_SOCKET_DISCONNECT || code == LIBSSH2_ERROR_TIMEOUT ||
            code == LIBSSH2_ERROR_SOCKET_RECV)
            return failure("log in");
        if (code == LIBSSH2_ERROR_FILE)
            return fail(Fault::bad_config,
                        "the private key cannot be read: its form is unknown or its passphrase wrong", host);
        return fail(Fault::unauthorized, fmt::format("the server refuses the login (SSH error {})", code), host);
    }

    std::string host;
    Socket socket;
    std::unique_ptr<LIBSSH2_SESSION, CloseSession> session;  // after the socket: closed before it
    std::unique_ptr<LIBSSH2_SFTP, CloseSftp> sftp;
};

SftpSession::SftpSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SftpSession::~SftpSession() = default;

Result<std::unique_ptr<SftpSession>> SftpSession::connect(const SftpServer& server, const SftpLogin& login) {
    static std::once_flag once;
    std::call_once(once, [] { libssh2_init(0); });
    TRY(const int fd, connect_tcp(server.host, server.port, server.networks, server.connect_timeout));
    auto impl = std::make_unique<Impl>(server.host, fd);
    impl->session.reset(libssh2_session_init());
    if (!impl->session) return fail(Fault::transient, "there is no memory for a session", server.host);
    auto* const session = impl->session.get();
    libssh2_session_set_blocking(session, 1);
    libssh2_session_set_timeout(session, static_cast<long>(server.timeout.count()));
    if (libssh2_session_handshake(session, fd) != 0) return impl->failure("SSH handshake");
    CHECK_OK(impl->check_host_key(server.fingerprint));
    CHECK_OK(impl->log_in(server.user, login));
    impl->sftp.reset(libssh2_sftp_init(session));
    if (!impl->sftp) return impl->failure("begin SFTP");
    return std::unique_ptr<SftpSession>(new SftpSession(std::move(impl)));
}

Result<void> SftpSession::list(const std::string& folder,
                               const std::function<bool(std::string_view, const SftpStat&)>& f) {
    const Handle handle(libssh2_sftp_open_ex(impl_->sftp.get(), folder.c_str(), static_cast<unsigned>(folder.size()), 0,
                                             0, LIBSSH2_SFTP_OPENDIR));
    if (!handle) return impl_->failure("list", folder);
    std::array<char, 4096> name{};
    for (;;) {
        LIBSSH2_SFTP_ATTRIBUTES attributes{};
        const int length = libssh2_sftp_readdir_ex(handle.get(), name.data(), name.size(), nullptr, 0, &attributes);
        if (length == 0) return {};
        if (length == LIBSSH2_ERROR_BUFFER_TOO_SMALL) continue;  // no file system's name
        if (length < 0) return impl_->failure("list", folder);
        if (!f(std::string_view(name.data(), static_cast<std::size_t>(length)), stat_of(attributes))) return {};
    }
}

Result<SftpStat> SftpSession::stat(const std::string& path) {
    LIBSSH2_SFTP_ATTRIBUTES attributes{};
    if (libssh2_sftp_stat_ex(impl_->sftp.get(), path.c_str(), static_cast<unsigned>(path.size()), LIBSSH2_SFTP_STAT,
                             &attributes) != 0)
        return impl_->failure("stat", path);
    return stat_of(attributes);
}

Result<std::shared_ptr<SftpSession::File>> SftpSession::open(const std::string& path) {
    Handle handle(libssh2_sftp_open_ex(impl_->sftp.get(), path.c_str(), static_cast<unsigned>(path.size()),
                                       LIBSSH2_FXF_READ, 0, LIBSSH2_SFTP_OPENFILE));
    if (!handle) return impl_->failure("open", path);
    return std::make_shared<File>(std::move(handle));
}

Result<SftpStat> SftpSession::stat(File& file) {
    LIBSSH2_SFTP_ATTRIBUTES attributes{};
    if (libssh2_sftp_fstat_ex(file.handle.get(), &attributes, 0) != 0) return impl_->failure("stat");
    return stat_of(attributes);
}

Result<std::string> SftpSession::read_at(File& file, std::uint64_t offset, std::size_t size) {
    // A seek drops what libssh2 has asked for ahead.
    if (file.at != offset) libssh2_sftp_seek64(file.handle.get(), offset);
    file.at = offset;
    std::string out(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const auto got = libssh2_sftp_read(file.handle.get(), out.data() + have, size - have);
        if (got < 0) {
            file.at = UINT64_MAX;
            return impl_->failure("read");
        }
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    file.at += have;
    out.resize(have);
    return out;
}

Result<void> SftpSession::put(const std::string& path, std::string_view bytes, std::string_view unique) {
    auto* const sftp = impl_->sftp.get();
    const auto temporary = fmt::format("{}.{}.part", path, unique);
    const auto remove = [&] {
        libssh2_sftp_unlink_ex(sftp, temporary.c_str(), static_cast<unsigned>(temporary.size()));
    };
    Handle handle(libssh2_sftp_open_ex(sftp, temporary.c_str(), static_cast<unsigned>(temporary.size()),
                                       LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_TRUNC, kMode,
                                       LIBSSH2_SFTP_OPENFILE));
    if (!handle) return impl_->failure("write", path);
    while (!bytes.empty()) {
        const auto wrote = libssh2_sftp_write(handle.get(), bytes.data(), std::min(bytes.size(), kWritten));
        if (wrote < 0) {
            auto error = impl_->failure("write", path);
            handle.reset();
            remove();
            return error;
        }
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    // fsync@openssh.com; a server without it says so.
    if (libssh2_sftp_fsync(handle.get()) != 0 && libssh2_sftp_last_error(sftp) != LIBSSH2_FX_OP_UNSUPPORTED) {
        auto error = impl_->failure("sync", path);
        remove();
        return error;
    }
    handle.reset();
    const auto rename = [&](long flags) {
        return libssh2_sftp_rename_ex(sftp, temporary.c_str(), static_cast<unsigned>(temporary.size()), path.c_str(),
                                      static_cast<unsigned>(path.size()), flags) == 0;
    };
    if (rename(LIBSSH2_SFTP_RENAME_OVERWRITE | LIBSSH2_SFTP_RENAME_ATOMIC | LIBSSH2_SFTP_RENAME_NATIVE)) return {};
    // SFTP version 3 lets a server refuse to rename over a file. Then the old one goes first: for a moment there is
    // none, but never a part of one.
    libssh2_sftp_unlink_ex(sftp, path.c_str(), static_cast<unsigned>(path.size()));
    if (rename(LIBSSH2_SFTP_RENAME_NATIVE)) return {};
    auto error = impl_->failure("rename", path);
    remove();
    return error;
}

}  // namespace tributary::net
