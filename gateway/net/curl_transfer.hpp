// CurlTransfer: one request on one libcurl easy handle, with the checks that run while it is under way. Internal to
// net.
//
// Threads: the loop's alone, once started. Lifetime: lives until its completion was called.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <optional>
#include <string>

#include "gateway/net/http_client.hpp"

namespace tributary::net {

class CurlTransfer {
  public:
    using Completion = std::move_only_function<void(HttpResult)>;

    // REQUIRES: `options` outlives the transfer; `url` is what check_url() made of request.url.
    CurlTransfer(HttpRequest request, OutboundUrl url, const HttpOptions& options, Completion completion);
    ~CurlTransfer();
    CurlTransfer(const CurlTransfer&) = delete;
    CurlTransfer& operator=(const CurlTransfer&) = delete;

    // Sets every option that differs between requests: handles are reused and never reset.
    void prepare(CURL* handle);
    // Options that are the same for all requests of a client.
    static void prepare_once(CURL* handle, const std::string& user_agent);
    CURL* handle() const { return handle_; }

    // Turns libcurl's outcome into ours. Leaves the handle free for the next transfer.
    HttpResult finish(CURLcode code);
    // The result when it is given up from our side.
    HttpFailure abandoned(std::string what) const;
    Completion& completion() { return completion_; }

    // Which allowed networks a socket may be opened to; asked before connect().
    Result<void> may_connect(const sockaddr* address);

  private:
    // Why we ended it ourselves; then libcurl's own code says nothing.
    enum class Cut { none, refused, body_too_large, inflated, head_too_large, no_resend, not_held };

    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static int on_ready(void* self, char* address, char* local_address, int port, int local_port);
    bool take_body(std::string_view bytes);
    bool take_header(std::string_view line);
    bool may_send(std::string_view address);
    void set_method_and_body();
    void set_headers();
    HttpFailure failure(CURLcode code) const;

    HttpRequest request_;
    OutboundUrl url_;
    const HttpOptions& options_;
    Completion completion_;
    CURL* handle_ = nullptr;
    curl_slist* header_list_ = nullptr;
    HttpResponse response_;
    std::size_t head_bytes_ = 0;
    unsigned times_sent_ = 0;
    Cut cut_ = Cut::none;
    std::optional<Error> address_refusal_;
};

// What libcurl sends on its own and a caller may not set: bad_config names the header.
Result<void> check_request_headers(const HttpRequest& request);

}  // namespace tributary::net
