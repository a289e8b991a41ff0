// Whatever the bytes of a mail: its record is valid JSON in UTF-8, of bounded size.
#include "connectors/email/message/mail_message.hpp"

#include <cstdlib>

#include "connectors/email/message/mail_record.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/utf8.hpp"

using namespace tributary;
using namespace tributary::connectors::mail;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    MailLimits limits;
    limits.text = 4000;
    const auto message = read_message(input, limits, size % 2 == 1);
    if (message.text.size() > limits.text + 1) std::abort();
    value::Builder out;
    out.begin_object();
    write_message(message, Timestamp{}, out);
    const auto json = value::to_json(out.end().take().root());
    if (!value::valid_utf8(json) || !value::parse_json(json)) std::abort();
    return 0;
}
