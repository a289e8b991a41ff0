// SftpSession: files on an SFTP server, by libssh2 (SSH 2, RFC 4251 to 4254; SFTP version 3). libcurl's SFTP lists
// folders as text for people alone, without exact sizes and times, and cannot rename over a file: so not libcurl here.
//
// The server must show the host key whose fingerprint is configured; without one nothing is sent to it. Its address is
// judged by the address guard after it is resolved. Threads: one call at a time; every call blocks, at most for the
// timeout. Errors: transient when the connection broke: make another session.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"
#include "gateway/net/address_guard.hpp"

namespace tributary::net {

struct SftpServer {
    std::string host, user;
    std::uint16_t port = 22;
    std::string fingerprint;        // SHA-256 of the host key, 32 bytes
    std::vector<Network> networks;  // private ones that are allowed
    Milliseconds connect_timeout{5'000};
    Milliseconds timeout{30'000};  // of each step
};

// Either of the two: a password, or a private key in PEM or OpenSSH form with its passphrase.
struct SftpLogin {
    crypto::SecretBytes password, private_key, passphrase;
};

struct SftpStat {
    std::uint64_t size = 0;
    std::int64_t modified_s = 0;  // since 1970, by the server's clock
    bool regular = false;
};

class SftpSession {
  public:
    // unauthorized: the server refuses the login. refused: the host key is another one, or the address is not allowed.
    static Result<std::unique_ptr<SftpSession>> connect(const SftpServer& server, const SftpLogin& login);
    ~SftpSession();
    SftpSession(const SftpSession&) = delete;
    SftpSession& operator=(const SftpSession&) = delete;

    // Calls f(name, stat) for each entry until it returns false. not_found: no such folder.
    Result<void> list(const std::string& folder, const std::function<bool(std::string_view, const SftpStat&)>& f);
    // Follows symbolic links.
    Result<SftpStat> stat(const std::string& path);

    class File;  // REQUIRES: the session outlives it
    Result<std::shared_ptr<File>> open(const std::string& path);
    Result<SftpStat> stat(File& file);
    // Fewer bytes than asked for at the end of the file.
    Result<std::string> read_at(File& file, std::uint64_t offset, std::size_t size);

    // Written to a name of its own beside it, synced when the server can, and renamed over it.
    Result<void> put(const std::string& path, std::string_view bytes, std::string_view unique);

  private:
    struct Impl;
    explicit SftpSession(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::net
