#include "gateway/value/json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "gateway/base/text.hpp"
#include "gateway/value/json_walk.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::value {

namespace {

constexpr std::size_t kMaxDepth = 1024;       // the walk recurses
constexpr std::size_t kMaxBytes = 1UL << 30;  // offsets are 32 bits wide
constexpr std::size_t kKeep = 4UL << 20;      // buffers beyond this are given back after the call

std::unexpected<Error> bad(std::string what) {
    return fail(Fault::bad_input, std::move(what));
}

// Why the structural index could not be made: simdjson says what, and this finds where.
std::unexpected<Error> index_error(simdjson::error_code code, std::string_view text) {
    if (code == simdjson::UTF8_ERROR) return bad(fmt::format("byte {}: invalid UTF-8", first_invalid_utf8(text)));
    std::optional<std::size_t> open;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            open = open ? std::nullopt : std::optional(i);
        } else if (open && text[i] == '\\') {
            ++i;
        } else if (open && static_cast<unsigned char>(text[i]) < 0x20) {
            return bad(fmt::format("byte {}: a control character inside a string must be escaped", i));
        }
    }
    if (open) return bad(fmt::format("byte {}: this string is not closed", *open));
    if (trim(text).empty()) return bad("the text is empty, a JSON value was expected");
    return fail(Fault::internal, fmt::format("the JSON index failed with code {}", static_cast<int>(code)));
}

// A copy that may be read beyond its end, as simdjson does. Padded with spaces: whatever ends at the end of the text is
// followed by white space, and a value is never found there.
void copy_padded(std::string_view text, std::string& into) {
    into.resize_and_overwrite(text.size() + simdjson::SIMDJSON_PADDING, [&](char* out, std::size_t size) {
        std::copy(text.begin(), text.end(), out);
        std::fill(out + text.size(), out + size, ' ');
        return size;
    });
}

}  // namespace

struct JsonParser::Impl {
    explicit Impl(JsonLimits given) : limits{std::min(given.depth, kMaxDepth), std::min(given.bytes, kMaxBytes)} {}

    JsonLimits limits;
    std::unique_ptr<simdjson::internal::dom_parser_implementation> index;
    std::unique_ptr<Document::Cell[]> cells;
    std::size_t cell_capacity = 0;
    DuplicateKeys keys;

    simdjson::error_code make_index(std::string_view text) {
        if (!index) {
            const auto code = simdjson::get_active_implementation()->create_dom_parser_implementation(0, 1, index);
            if (code != simdjson::SUCCESS) return code;
        }
        if (index->capacity() < text.size()) {
            const auto code = index->allocate(std::max<std::size_t>(2 * text.size(), 4096), 1);
            if (code != simdjson::SUCCESS) return code;
        }
        return index->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                             simdjson::stage1_mode::regular);
    }

    void reserve_cells(std::size_t count) {
        if (cell_capacity >= count) return;
        cells = std::make_unique_for_overwrite<Document::Cell[]>(count);
        cell_capacity = count;
    }

    void shrink() {
        if (index && index->capacity() > kKeep) index.reset();
        if (cell_capacity * sizeof(Document::Cell) > kKeep) {
            cells.reset();
            cell_capacity = 0;
        }
    }

    Result<void> parse(std::string_view text, Document& into) {
        into.cells_.clear();
        if (text.size() > limits.bytes) return bad(fmt::format("the text is larger than {} bytes", limits.bytes));
        copy_padded(text, into.text_);
        if (const auto code = make_index({into.text_.data(), text.size()}); code != simdjson::SUCCESS) {
            return index_error(code, text);
        }
        // A cell takes two of the index: its own and the one that follows it. Only the last child of each object or
        // array that is still open may lack the second.
        reserve_cells(index->n_structural_indexes / 2 + limits.depth + 2);
        JsonWalk<Document::Cell> walk(into.text_.data(), text.size(), index->structural_indexes.get(), cells.get(),
                                      limits.depth, keys);
        if (!walk.run()) return bad(walk.message());
        into.cells_.assign(cells.get(), walk.end());
        return {};
    }
};

JsonParser::JsonParser(JsonLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

Result<void> JsonParser::parse_into(std::string_view text, Document& into) {
    auto done = impl_->parse(text, into);
    impl_->shrink();
    return done;
}

Result<Document> JsonParser::parse(std::string_view text) {
    Document document;
    CHECK_OK(parse_into(text, document));
    return document;
}

Result<Document> parse_json(std::string_view text, JsonLimits limits) {
    return JsonParser(limits).parse(text);
}

}  // namespace tributary::value
