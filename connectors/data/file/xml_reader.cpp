// The elements of one name in an XML file, found by their tags alone; each is then parsed strictly by itself.
#include <fmt/format.h>

#include "connectors/data/file/record_reader.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/byte_queue.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/xml.hpp"
#include "gateway/value/xml_mark.hpp"

namespace tributary::connectors::file {

namespace {

using Kind = value::XmlMark::Kind;
constexpr std::size_t kShown = 1024;  // of an element that is too long

class XmlRecords final : public RecordReader {
  public:
    XmlRecords(const Stream& stream, Position from)
        : queue_(from.offset),
          element_(stream.element),
          max_record_(stream.max_record),
          records_(from.record),
          from_start_(from.offset == 0) {}

    void feed(std::string_view chunk) override { queue_.feed(chunk); }

    Result<std::optional<FileRecord>> next(bool finished) override {
        for (;;) {
            const auto rest = queue_.rest().substr(scanned_);
            // The first bytes may be a byte order mark: they are looked at together.
            const bool short_start = queue_.offset() == 0 && scanned_ == 0 && rest.size() < 4 && !finished;
            if (rest.empty() || short_start) return at_end(finished);
            if (queue_.offset() == 0 && scanned_ == 0 &&
                (rest.starts_with("\xFE\xFF") || rest.starts_with("\xFF\xFE"))) {
                return bad("XML files are read as UTF-8 alone");
            }
            const auto mark = value::next_xml_mark(rest);
            if (mark.kind == Kind::more) {
                if (queue_.rest().size() <= max_record_) return at_end(finished);
                return bad("markup longer than max_record");
            }
            if (mark.kind == Kind::declaration) return bad("a document type declaration is refused");
            if (mark.kind == Kind::instruction && other_encoding(rest.substr(0, mark.size))) {
                return bad("XML files are read as UTF-8 alone");
            }
            if (step(mark)) return take();
        }
    }

  private:
    static bool other_encoding(std::string_view instruction) {
        const auto lower = lower_ascii(instruction);
        return lower.starts_with("<?xml ") && lower.find("encoding") != lower.npos &&
               lower.find("utf-8") == lower.npos && lower.find("us-ascii") == lower.npos;
    }

    // Moves over the mark; true when it ends a record.
    bool step(const value::XmlMark& mark) {
        const bool tag = mark.kind == Kind::open || mark.kind == Kind::empty;
        if (depth_ == 0 && tag && mark.name == element_) {
            queue_.consume(scanned_);
            scanned_ = 0;
            depth_ = mark.kind == Kind::open ? 1 : 0;
            scanned_ += mark.size;
            return depth_ == 0;
        }
        scanned_ += mark.size;
        if (depth_ > 0) {
            if (mark.kind == Kind::open) ++depth_;
            if (mark.kind == Kind::close && --depth_ == 0) return true;
            if (scanned_ > max_record_) drop();
            return false;
        }
        queue_.consume(scanned_);
        scanned_ = 0;
        return false;
    }

    void drop() {
        if (shown_.empty()) shown_ = queue_.rest().substr(0, kShown);
        queue_.consume(scanned_);
        scanned_ = 0;
    }

    FileRecord take() {
        const auto text = queue_.rest().substr(0, scanned_);
        FileRecord record{fail(Fault::bad_input, "the record is longer than max_record allows"),
                          {},
                          shown_,
                          fmt::format("record {}", ++records_),
                          {}};
        if (shown_.empty() && text.size() <= max_record_) {
            record.document = parse(text, record.json);
            if (!record.document) record.raw = text;
        } else if (shown_.empty()) {
            record.raw = text.substr(0, kShown);
        }
        queue_.consume(scanned_);
        record.after = {queue_.offset(), records_, 1};
        shown_.clear();
        scanned_ = 0;
        return record;
    }

    // The record is what stands inside its element.
    static Result<value::Document> parse(std::string_view text, std::string& json) {
        TRY(const auto whole, value::parse_xml(text));
        const auto inside = whole.root().at(0);
        if (!inside.is(value::Kind::object))
            return fail(Fault::bad_input, "the element has neither children nor attributes");
        json = value::to_json(inside);
        value::Builder out;
        return out.copy(inside).take();
    }

    Result<std::optional<FileRecord>> at_end(bool finished) {
        if (!finished) return std::nullopt;
        if (depth_ > 0 || scanned_ < queue_.rest().size()) return bad("the file ends inside markup");
        if (records_ == 0 && from_start_) return bad("there is no element of the configured name");
        return std::nullopt;
    }

    std::unexpected<Error> bad(const char* what) const {
        return fail(Fault::bad_input, fmt::format("byte {}: {}", queue_.offset() + scanned_, what));
    }

    value::ByteQueue queue_;
    std::string element_;
    std::size_t max_record_;
    std::uint64_t records_;
    bool from_start_;
    std::size_t scanned_ = 0;  // bytes of the record so far
    std::size_t depth_ = 0;    // open elements of the record
    std::string shown_;
};

}  // namespace

std::unique_ptr<RecordReader> make_xml_reader(const Stream& stream, Position from) {
    return std::make_unique<XmlRecords>(stream, from);
}

}  // namespace tributary::connectors::file
