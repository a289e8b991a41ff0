#include <fmt/format.h>

#include "connectors/data/file/block_cache.hpp"
#include "connectors/data/file/location.hpp"
#include "connectors/data/file/s3_answer.hpp"
#include "connectors/data/file/s3_signature.hpp"
#include "gateway/base/text.hpp"
#include "gateway/net/http_date.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::connectors::file {

namespace {

constexpr std::size_t kMostAnswer = 4 << 20;  // a list of 1000 objects with the longest keys

// "a b/c" as a path: each part encoded, the slashes kept.
std::string encoded_path(std::string_view key) {
    return replace_all(value::percent_encode(key), "%2F", "/");
}

// Requests to one bucket. Blocks: each runs on a loop of its own, on the pool's thread.
class Bucket {
  public:
    Bucket(const S3Place& place, const connector::Setup& setup)
        : place_(place),
          credential_(setup.credential),
          http_(setup.http),
          clock_(setup.clock()),
          network_(setup.network) {
        const auto scheme = place.endpoint.find("://");
        const auto begins = scheme == std::string::npos ? 0 : scheme + 3;
        auto authority = place.endpoint.substr(begins, place.endpoint.find('/', begins) - begins);
        if (!place.path_style) authority = place.bucket + "." + authority;
        host_ = authority;
        root_ = place.endpoint.substr(0, begins) + authority + (place.path_style ? "/" + place.bucket : "");
        const auto colon = authority.rfind(':');
        if (colon != std::string::npos && !authority.ends_with(']')) {
            if (const auto port = to_integer(authority.substr(colon + 1)); port && *port > 0 && *port < 65536)
                network_.egress.ports.push_back(static_cast<std::uint16_t>(*port));
            authority.resize(colon);
        }
        network_.egress.hosts.push_back(authority);
        network_.max_body = kMostAnswer;
        network_.resend_safe = true;  // a PUT of the same bytes to the same key
        // The default port does not stand in the Host header.
        if (place.endpoint.starts_with("https://") && host_.ends_with(":443")) host_.resize(host_.size() - 4);
        if (place.endpoint.starts_with("http://") && host_.ends_with(":80")) host_.resize(host_.size() - 3);
    }

    const S3Place& place() const { return place_; }
    std::string about(std::string_view key) const { return fmt::format("s3://{}/{}", place_.bucket, key); }
    Error error_of(const net::HttpResponse& answer, std::string_view key) const {
        return s3_error(answer, clock_.now(), about(key));
    }
    Timestamp now() const { return clock_.now(); }

    Result<net::HttpResponse> send(std::string method, std::string_view key, std::string query = {},
                                   net::Headers headers = {}, std::string body = {}) const {
        net::HttpRequest request{std::move(method), root_ + "/" + encoded_path(key), std::move(headers),
                                 std::move(body)};
        if (!query.empty()) request.url += "?" + query;
        if (!credential_) return fail(Fault::bad_config, "s3 needs the credentials access_key and secret_key");
        TRY(const auto access, credential_("access_key"));
        TRY(const auto secret, credential_("secret_key"));
        const auto token = credential_("session_token");
        sign_s3(request, host_,
                {access.reveal(), secret.reveal(), token ? token->reveal() : std::string_view(), place_.region},
                clock_.now());
        auto answer = run::run_blocking(http_.send(std::move(request), network_));
        if (!answer) return fail(std::move(answer).error().error);
        return std::move(*answer);
    }

  private:
    S3Place place_;
    connector::CredentialReader credential_;
    net::HttpClient& http_;
    const Clock& clock_;
    net::HttpOptions network_;
    std::string host_, root_;
};

class S3File final : public SourceFile {
  public:
    S3File(std::shared_ptr<Bucket> bucket, std::string key, FileStat stat)
        : bucket_(std::move(bucket)),
          key_(std::move(key)),
          stat_(std::move(stat)),
          blocks_([this](std::uint64_t offset, std::size_t size) { return fetch(offset, size); }, stat_.size) {}
    S3File(const S3File&) = delete;
    S3File& operator=(const S3File&) = delete;

    Result<FileStat> stat() override { return stat_; }
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
        return blocks_.read_at(offset, size);
    }

  private:
    // Of the object as it was when it was opened, or an error: never bytes of two states.
    Result<std::string> fetch(std::uint64_t offset, std::size_t size) {
        net::Headers headers = {{"Range", fmt::format("bytes={}-{}", offset, offset + size - 1)}};
        if (!stat_.tag.empty()) headers.emplace_back("If-Match", "\"" + stat_.tag + "\"");
        TRY(auto answer, bucket_->send("GET", key_, {}, std::move(headers)));
        if (!answer.ok()) return fail(bucket_->error_of(answer, key_));
        const auto* const tag = answer.header("ETag");
        if (tag && replace_all(*tag, "\"", "") != stat_.tag)
            return fail(Fault::transient, "the object was replaced while it was read", bucket_->about(key_));
        if (answer.status == 200 && offset == 0 && size == stat_.size && answer.body.size() == size)
            return std::move(answer.body);
        if (answer.status != 206 || answer.body.size() != size)
            return fail(Fault::transient, fmt::format("{} bytes were asked for, {} came", size, answer.body.size()),
                        bucket_->about(key_));
        return std::move(answer.body);
    }

    std::shared_ptr<Bucket> bucket_;
    std::string key_;
    FileStat stat_;
    BlockCache blocks_;
};

class S3Location final : public Location {
  public:
    S3Location(const S3Place& place, const connector::Setup& setup) : bucket_(std::make_shared<Bucket>(place, setup)) {}

    Result<std::vector<Entry>> list(const std::string& folder, const std::string& pattern) override {
        const auto inside = key_of(folder, "");
        const auto prefix = inside + pattern.substr(0, pattern.find_first_of("*?"));
        std::vector<Entry> entries;
        std::string token;
        do {
            auto query = fmt::format("{}delimiter=%2F&encoding-type=url&list-type=2&prefix={}",
                                     token.empty() ? "" : "continuation-token=" + value::percent_encode(token) + "&",
                                     value::percent_encode(prefix));
            TRY(const auto answer, bucket_->send("GET", "", std::move(query)));
            if (!answer.ok()) return fail(bucket_->error_of(answer, prefix));
            TRY(auto page, read_s3_list(answer.body));
            if (!page.next.empty() && page.next == token)
                return fail(Fault::transient, "the store's list does not go on", bucket_->about(prefix));
            token = std::move(page.next);
            for (auto& object : page.objects) {
                if (!object.key.starts_with(inside)) continue;
                auto name = object.key.substr(inside.size());
                if (name.empty() || name.find('/') != name.npos || name == "." || name == "..") continue;
                if (matches(pattern, name)) entries.push_back({std::move(name), std::move(object.stat)});
            }
            if (entries.size() > kMostEntries)
                return fail(Fault::bad_config, fmt::format("{} has more than {} objects: move read ones away",
                                                           bucket_->about(inside), kMostEntries));
        } while (!token.empty());
        return entries;
    }

    Result<std::unique_ptr<SourceFile>> open(const std::string& folder, const std::string& name) override {
        auto key = key_of(folder, name);
        TRY(const auto answer, bucket_->send("HEAD", key));
        if (!answer.ok()) return fail(bucket_->error_of(answer, key));
        const auto* const coding = answer.header("Content-Encoding");
        // Ranges of it would be unpacked on the way, each by itself.
        if (coding && !coding->empty() && !equal_ignoring_case(*coding, "identity") &&
            !equal_ignoring_case(*coding, "aws-chunked"))
            return fail(
                Fault::bad_input,
                fmt::format("the object says Content-Encoding: {}; store it without, its name ending in .gz", *coding),
                bucket_->about(key));
        const auto* const size = answer.header("Content-Length");
        const auto* const tag = answer.header("ETag");
        const auto* const time = answer.header("Last-Modified");
        const auto bytes = size ? to_integer(*size) : std::nullopt;
        const auto modified = time ? net::parse_http_date(*time, bucket_->now()) : std::nullopt;
        if (!bytes || *bytes < 0 || !tag || !modified)
            return fail(Fault::transient, "the store does not tell the object's size, ETag and time",
                        bucket_->about(key));
        FileStat stat{static_cast<std::uint64_t>(*bytes),
                      std::chrono::floor<std::chrono::seconds>(*modified).time_since_epoch().count() * 1'000'000'000,
                      replace_all(*tag, "\"", "")};
        return std::make_unique<S3File>(bucket_, std::move(key), std::move(stat));
    }

    Result<bool> exists(const std::string& folder, const std::string& name) override {
        const auto key = key_of(folder, name);
        TRY(const auto answer, bucket_->send("HEAD", key));
        if (answer.ok()) return true;
        auto error = bucket_->error_of(answer, key);
        if (error.fault == Fault::not_found) return false;
        return fail(std::move(error));
    }

    // An object is there whole or not at all.
    Result<void> put(const std::string& folder, const std::string& name, std::string_view bytes) override {
        const auto key = key_of(folder, name);
        TRY(const auto answer,
            bucket_->send("PUT", key, {}, {{"Content-Type", "application/octet-stream"}}, std::string(bytes)));
        if (!answer.ok()) return fail(bucket_->error_of(answer, key));
        return {};
    }

    Result<void> check() override {
        const auto& prefix = bucket_->place().prefix;
        TRY(const auto answer,
            bucket_->send("GET", "", "list-type=2&max-keys=1&prefix=" + value::percent_encode(prefix)));
        if (!answer.ok()) return fail(bucket_->error_of(answer, prefix));
        return {};
    }

  private:
    std::string key_of(const std::string& folder, const std::string& name) const {
        return bucket_->place().prefix + (folder.empty() ? "" : folder + "/") + name;
    }

    std::shared_ptr<Bucket> bucket_;
};

}  // namespace

std::unique_ptr<Location> make_s3_location(const S3Place& place, const connector::Setup& setup) {
    return std::make_unique<S3Location>(place, setup);
}

}  // namespace tributary::connectors::file
