#include <fmt/format.h>

#include <array>
#include <mutex>

#include "connectors/data/file/block_cache.hpp"
#include "connectors/data/file/location.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/net/sftp_session.hpp"

namespace tributary::connectors::file {

namespace {

// The session of a location, which its open files use too.
struct Shared {
    std::mutex mutex;
    std::shared_ptr<net::SftpSession> session;
};

FileStat stat_of(const net::SftpStat& stat) {
    return {stat.size, stat.modified_s * 1'000'000'000, {}};
}

class SftpFile final : public SourceFile {
  public:
    SftpFile(std::shared_ptr<Shared> shared, std::shared_ptr<net::SftpSession> session,
             std::shared_ptr<net::SftpSession::File> file, FileStat stat)
        : shared_(std::move(shared)),
          session_(std::move(session)),
          file_(std::move(file)),
          stat_(std::move(stat)),
          blocks_([this](std::uint64_t offset, std::size_t size) { return fetch(offset, size); }, stat_.size) {}
    ~SftpFile() override {
        const std::scoped_lock lock(shared_->mutex);
        file_.reset();
    }
    SftpFile(const SftpFile&) = delete;
    SftpFile& operator=(const SftpFile&) = delete;

    Result<FileStat> stat() override { return stat_; }
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
        return blocks_.read_at(offset, size);
    }

  private:
    Result<std::string> fetch(std::uint64_t offset, std::size_t size) {
        const std::scoped_lock lock(shared_->mutex);
        auto bytes = session_->read_at(*file_, offset, size);
        if (!bytes && shared_->session == session_) shared_->session.reset();
        return bytes;
    }

    std::shared_ptr<Shared> shared_;
    std::shared_ptr<net::SftpSession> session_;
    std::shared_ptr<net::SftpSession::File> file_;
    FileStat stat_;
    BlockCache blocks_;
};

class SftpLocation final : public Location {
  public:
    SftpLocation(const SftpPlace& place, const connector::Setup& setup)
        : place_(place), credential_(setup.credential), random_(setup.random) {
        server_.host = place.host;
        server_.port = place.port;
        server_.user = place.user;
        const auto hash = place.host_key.size() > 7 ? from_base64(place.host_key.substr(7)) : std::nullopt;
        server_.fingerprint = hash.value_or("");
        server_.networks = setup.network.egress.networks;
        server_.connect_timeout = setup.network.connect_timeout;
        server_.timeout = setup.network.total_timeout;
    }

    Result<std::vector<Entry>> list(const std::string& folder, const std::string& pattern) override {
        return with([&](net::SftpSession& session) -> Result<std::vector<Entry>> {
            std::vector<Entry> entries;
            CHECK_OK(session.list(folder_path(folder), [&](std::string_view name, const net::SftpStat& stat) {
                // What a server calls its entries is not to be trusted.
                if (name.find('/') == name.npos && name != "." && name != ".." && stat.regular &&
                    matches(pattern, name))
                    entries.push_back({std::string(name), stat_of(stat)});
                return entries.size() <= kMostEntries;
            }));
            if (entries.size() > kMostEntries)
                return fail(Fault::bad_config,
                            fmt::format("{} has more than {} files: move read ones away", folder, kMostEntries));
            return entries;
        });
    }

    Result<std::unique_ptr<SourceFile>> open(const std::string& folder, const std::string& name) override {
        return with([&](net::SftpSession& session) -> Result<std::unique_ptr<SourceFile>> {
            TRY(auto file, session.open(path_of(folder, name)));
            TRY(const auto stat, session.stat(*file));
            return std::make_unique<SftpFile>(shared_, shared_->session, std::move(file), stat_of(stat));
        });
    }

    Result<bool> exists(const std::string& folder, const std::string& name) override {
        return with([&](net::SftpSession& session) -> Result<bool> {
            const auto stat = session.stat(path_of(folder, name));
            if (!stat && stat.error().fault == Fault::not_found) return false;
            if (!stat) return fail(stat.error());
            return true;
        });
    }

    Result<void> put(const std::string& folder, const std::string& name, std::string_view bytes) override {
        std::array<std::uint8_t, 6> unique{};
        random_.fill(unique);
        const auto mark = to_hex(std::string_view(reinterpret_cast<const char*>(unique.data()), unique.size()));
        return with([&](net::SftpSession& session) -> Result<void> {
            auto done = session.put(path_of(folder, name), bytes, mark);
            if (!done && done.error().fault == Fault::not_found)
                return fail(Fault::bad_config, fmt::format("the folder {} is not there", folder));
            return done;
        });
    }

    Result<void> check() override {
        return with([&](net::SftpSession& session) -> Result<void> {
            TRY(std::ignore, session.stat(place_.path.empty() ? "." : place_.path));
            return {};
        });
    }

  private:
    std::string folder_path(const std::string& folder) const {
        if (place_.path.empty()) return folder.empty() ? "." : folder;
        const auto base = place_.path.ends_with('/') ? place_.path : place_.path + "/";
        return base + folder;
    }
    std::string path_of(const std::string& folder, const std::string& name) const {
        const auto inside = folder_path(folder);
        return inside.ends_with('/') ? inside + name : inside + "/" + name;
    }

    Result<crypto::SecretBytes> credential(const char* name) const {
        if (!credential_) return fail(Fault::bad_config, "sftp needs the credential password or private_key");
        return credential_(name);
    }

    Result<std::shared_ptr<net::SftpSession>> connect() const {
        if (server_.fingerprint.empty())
            return fail(Fault::bad_config, "location.host_key is missing: the server's fingerprint, SHA256:...");
        net::SftpLogin login;
        auto key = credential("private_key");
        auto password = credential("password");
        if (!key && !password) return pass(std::move(password));
        if (key) login.private_key = std::move(*key);
        if (password) login.password = std::move(*password);
        if (auto passphrase = credential("passphrase")) login.passphrase = std::move(*passphrase);
        TRY(auto session, net::SftpSession::connect(server_, login));
        return std::shared_ptr<net::SftpSession>(std::move(session));
    }

    // f(session) on the session that is there; a session that turns out to be dead is replaced, once.
    template <class F>
    auto with(F f) -> std::invoke_result_t<F&, net::SftpSession&> {
        const std::scoped_lock lock(shared_->mutex);
        const bool used = shared_->session != nullptr;
        for (int tries = 0;; ++tries) {
            if (!shared_->session) {
                auto session = connect();
                if (!session) return fail(std::move(session).error());
                shared_->session = std::move(*session);
            }
            auto result = f(*shared_->session);
            if (result || result.error().fault != Fault::transient) return result;
            shared_->session.reset();
            if (!used || tries > 0) return result;
        }
    }

    SftpPlace place_;
    connector::CredentialReader credential_;
    crypto::Random& random_;
    net::SftpServer server_;
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace

std::unique_ptr<Location> make_sftp_location(const SftpPlace& place, const connector::Setup& setup) {
    return std::make_unique<SftpLocation>(place, setup);
}

}  // namespace tributary::connectors::file
