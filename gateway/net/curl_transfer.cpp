#include "gateway/net/curl_transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/base/text.hpp"

namespace tributary::net {

namespace {

constexpr std::size_t kMaxHead = 64 << 10;
constexpr std::size_t kMaxHeaders = 256;
// Below this size the ratio of compressed to plain says nothing: a few bytes of gzip may hold kilobytes of blanks.
constexpr std::size_t kInflationFloor = 64 << 10;

template <class T>
void set(CURL* handle, CURLoption option, T value) {
    curl_easy_setopt(handle, option, value);
}

bool resend_safe_by_method(std::string_view method) {
    static constexpr std::array kSafe{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    return std::find(kSafe.begin(), kSafe.end(), method) != kSafe.end();
}

}  // namespace

Result<void> check_request_headers(const HttpRequest& request) {
    if (!valid_header_name(request.method)) return fail(Fault::bad_config, "the method is no HTTP token");
    static constexpr std::array kOurs{
        "host", "content-length", "transfer-encoding", "connection", "expect", "accept-encoding", "upgrade"};
    for (const auto& [name, value] : request.headers) {
        if (!valid_header_name(name))
            return fail(Fault::bad_config, "a header's name has a character that no name may have");
        if (!valid_header_value(value))
            return fail(Fault::bad_config, fmt::format("header {} has a control character", name));
        for (auto ours : kOurs)
            if (equal_ignoring_case(name, ours))
                return fail(Fault::bad_config, fmt::format("header {} is set by the client itself", name));
    }
    return {};
}

CurlTransfer::CurlTransfer(HttpRequest request, OutboundUrl url, const HttpOptions& options, Completion completion)
    : request_(std::move(request)), url_(std::move(url)), options_(options), completion_(std::move(completion)) {}

CurlTransfer::~CurlTransfer() {
    curl_slist_free_all(header_list_);
}

void CurlTransfer::prepare_once(CURL* handle, const std::string& user_agent) {
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_PROXY, "");  // also keeps the environment's out
    set(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(handle, CURLOPT_PATH_AS_IS, 1L);
    set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(handle, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    set(handle, CURLOPT_USERAGENT, user_agent.c_str());
    set(handle, CURLOPT_MAXAGE_CONN, 60L);
    set(handle, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
    set(handle, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
    set(handle, CURLOPT_PREREQFUNCTION, &CurlTransfer::on_ready);
}

void CurlTransfer::prepare(CURL* handle) {
    handle_ = handle;
    response_.url = request_.url;
    set(handle, CURLOPT_PRIVATE, this);
    set(handle, CURLOPT_WRITEDATA, this);
    set(handle, CURLOPT_HEADERDATA, this);
    set(handle, CURLOPT_PREREQDATA, this);
    set(handle, CURLOPT_OPENSOCKETDATA, this);
    set(handle, CURLOPT_URL, request_.url.c_str());
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total_timeout.count()));
    // Begins to count when the answer does: a server may think for as long as the total timeout.
    set(handle, CURLOPT_LOW_SPEED_LIMIT, 0L);
    set(handle, CURLOPT_LOW_SPEED_TIME, 0L);
    auto system = curl_version_info(CURLVERSION_NOW);
    bool own = !options_.ca_file.empty();  // instead of the system's store, not besides it
    set(handle, CURLOPT_CAINFO, own ? options_.ca_file.c_str() : system->cainfo);
    set(handle, CURLOPT_CAPATH, own ? nullptr : system->capath);
    set(handle, CURLOPT_SSLCERT, options_.certificate_file.empty() ? nullptr : options_.certificate_file.c_str());
    set(handle, CURLOPT_SSLKEY, options_.key_file.empty() ? nullptr : options_.key_file.c_str());
    const bool pinned = !options_.pinned_key.empty();
    set(handle, CURLOPT_PINNEDPUBLICKEY, pinned ? options_.pinned_key.c_str() : nullptr);
    set(handle, CURLOPT_SSL_VERIFYPEER, pinned ? 0L : 1L);
    set(handle, CURLOPT_SSL_VERIFYHOST, pinned ? 0L : 2L);
    set_method_and_body();
    set_headers();
}

void CurlTransfer::set_method_and_body() {
    set(handle_, CURLOPT_NOBODY, 0L);
    set(handle_, CURLOPT_HTTPGET, 1L);
    bool has_body =
        !request_.body.empty() || request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH";
    if (has_body) {
        set(handle_, CURLOPT_POSTFIELDS, request_.body.c_str());
        set(handle_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    } else if (request_.method == "HEAD") {
        set(handle_, CURLOPT_NOBODY, 1L);
    }
    set(handle_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void CurlTransfer::set_headers() {
    auto add = [&](const std::string& line) { header_list_ = curl_slist_append(header_list_, line.c_str()); };
    add("Expect:");
    if (!request_.header("content-type")) add("Content-Type:");
    for (const auto& [name, value] : request_.headers) add(value.empty() ? name + ";" : name + ": " + value);
    set(handle_, CURLOPT_HTTPHEADER, header_list_);
}

Result<void> CurlTransfer::may_connect(const sockaddr* address) {
    auto ip = IpAddress::from(address);
    auto verdict = ip ? check_address(*ip, options_.egress.networks)
                      : fail(Fault::refused, "the address is neither IPv4 nor IPv6");
    if (!verdict) address_refusal_ = verdict.error();
    return verdict;
}

// Called when a connection is ready, new or kept, right before the request goes out. A kept connection may have been
// opened for somebody with other rules. The second call for one request is libcurl's own resend on a connection that
// died.
int CurlTransfer::on_ready(void* self, char* address, char*, int, int) {
    return static_cast<CurlTransfer*>(self)->may_send(address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

bool CurlTransfer::may_send(std::string_view address) {
    auto ip = IpAddress::parse(address);
    auto verdict =
        ip ? check_address(*ip, options_.egress.networks) : fail(Fault::refused, "the peer's address is unreadable");
    if (!verdict) {
        address_refusal_ = verdict.error();
        cut_ = Cut::refused;
        return false;
    }
    if (times_sent_ > 0 && !options_.resend_safe && !resend_safe_by_method(request_.method)) {
        cut_ = Cut::no_resend;
        return false;
    }
    if (request_.hold && !request_.hold->stands()) {
        cut_ = Cut::not_held;
        return false;
    }
    ++times_sent_;
    response_.headers.clear();
    response_.body.clear();
    return true;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<CurlTransfer*>(self)->take_body({data, size * count}) ? size * count : CURL_WRITEFUNC_ERROR;
}

bool CurlTransfer::take_body(std::string_view bytes) {
    auto total = response_.body.size() + bytes.size();
    if (total > options_.max_body) {
        cut_ = Cut::body_too_large;
        return false;
    }
    curl_off_t received = 0;
    curl_easy_getinfo(handle_, CURLINFO_SIZE_DOWNLOAD_T, &received);
    if (total > kInflationFloor &&
        static_cast<double>(total) > options_.max_inflation * static_cast<double>(received)) {
        cut_ = Cut::inflated;
        return false;
    }
    response_.body.append(bytes);
    return true;
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<CurlTransfer*>(self)->take_header({data, size * count}) ? size * count : 0;
}

bool CurlTransfer::take_header(std::string_view line) {
    head_bytes_ += line.size();
    if (head_bytes_ > kMaxHead || response_.headers.size() >= kMaxHeaders) {
        cut_ = Cut::head_too_large;
        return false;
    }
    line = trim(line);
    if (line.empty()) {
        set(handle_, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(options_.low_speed_bytes_per_second));
        set(handle_, CURLOPT_LOW_SPEED_TIME,
            static_cast<long>(std::chrono::ceil<std::chrono::seconds>(options_.low_speed_time).count()));
    } else if (line.starts_with("HTTP/")) {
        response_.headers.clear();  // of an interim answer
    } else if (auto colon = line.find(':'); colon != std::string_view::npos) {
        response_.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
    return true;
}

HttpResult CurlTransfer::finish(CURLcode code) {
    if (code != CURLE_OK) return std::unexpected(failure(code));
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    return std::move(response_);
}

HttpFailure CurlTransfer::abandoned(std::string what) const {
    return {{Fault::transient, std::move(what), url_.host}, times_sent_ > 0};
}

HttpFailure CurlTransfer::failure(CURLcode code) const {
    auto made = [&](Fault fault, std::string what) {
        return HttpFailure{{fault, std::move(what), url_.host}, times_sent_ > 0};
    };
    switch (cut_) {
        case Cut::refused:
            return {Error(*address_refusal_).in(url_.host), false};
        case Cut::body_too_large:
            return made(Fault::transient, fmt::format("the answer's body is longer than {} bytes", options_.max_body));
        case Cut::inflated:
            return made(Fault::transient, "the answer's body is compressed beyond any honest ratio");
        case Cut::head_too_large:
            return made(Fault::transient, "the answer's headers are longer than 64 KiB or more than 256");
        case Cut::no_resend:
            return made(Fault::transient, "the kept connection died before an answer came");
        case Cut::not_held:
            return {run::Hold::too_late().in(url_.host), times_sent_ > 0};
        case Cut::none:
            break;
    }
    switch (code) {
        case CURLE_COULDNT_CONNECT:
            if (address_refusal_) return {Error(*address_refusal_).in(url_.host), false};
            return made(Fault::transient, fmt::format("no connection to port {}", url_.port));
        case CURLE_COULDNT_RESOLVE_HOST:
            return made(Fault::transient, "the host name was not found");
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_PEER_FAILED_VERIFICATION:
            return made(Fault::bad_config, "the server's certificate was not accepted");
        case CURLE_SSL_CACERT_BADFILE:
            return made(Fault::bad_config, "ca_file is unreadable or no PEM file");
        case CURLE_SSL_CERTPROBLEM:
            return made(Fault::bad_config, "our own certificate or its key is unreadable, no PEM, or not one pair");
        case CURLE_OPERATION_TIMEDOUT:
            return made(Fault::transient, times_sent_ > 0 ? "no complete answer in time" : "no connection in time");
        case CURLE_PARTIAL_FILE:
            return made(Fault::transient, "the answer ended before its announced length");
        case CURLE_GOT_NOTHING:
            return made(Fault::transient, "the server closed the connection without an answer");
        case CURLE_OUT_OF_MEMORY:
            return made(Fault::internal, "out of memory");
        // libcurl's own words are fixed texts without any content of the exchange.
        default:
            return made(Fault::transient, lower_ascii(curl_easy_strerror(code)));
    }
}

}  // namespace tributary::net
