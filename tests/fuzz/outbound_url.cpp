// The SSRF filter: what passes names one host that libcurl reads in the same way, and no literal that is not public.
#include "gateway/net/outbound_url.hpp"

#include <curl/curl.h>

#include <cstdint>
#include <cstdlib>

#include "gateway/base/text.hpp"

using namespace tributary::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    Egress egress{.hosts = {"*"}};
    auto url = check_url(text, egress);
    if (!url) return 0;
    if (auto literal = IpAddress::parse(url->host); literal && !check_address(*literal, {})) std::abort();
    auto handle = curl_url();
    if (curl_url_set(handle, CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS) == CURLUE_OK) {
        char *host = nullptr, *user = nullptr, *port = nullptr;
        if (curl_url_get(handle, CURLUPART_HOST, &host, 0) != CURLUE_OK) std::abort();
        std::string_view theirs = host;
        if (theirs.starts_with('[')) theirs = theirs.substr(1, theirs.size() - 2);
        auto address = IpAddress::parse(theirs);
        if (address ? address != IpAddress::parse(url->host) : !tributary::equal_ignoring_case(host, url->host))
            std::abort();
        if (curl_url_get(handle, CURLUPART_USER, &user, 0) == CURLUE_OK) std::abort();
        if (curl_url_get(handle, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
            std::stoi(port) != url->port)
            std::abort();
        curl_free(host);
        curl_free(port);
    }
    curl_url_cleanup(handle);
    return 0;
}
