/// Who holds a line, and when it was last written: what several harts need so that nobody sees a value before it was
/// written. One entry a line of memory, made when the page is first touched. Plain class; time is an argument.
///
///   a load makes the hart a sharer and takes the writer's right away; a store makes it the only holder.
///
/// A line that harts write in turn is *contended*: each access to it is made in the order of simulated time, by
/// waiting until the hart is the one that is furthest behind, so the outcome does not depend on the quantum. After
/// `calm` accesses without a change of writer the line is an ordinary one again.
///
/// A line that a device takes away from several harts is *awaited* until one of them writes it: who of them asks for it
/// first decides who gets it from where, so each asks for it in its turn.
#pragma once
#include "base/address.hh"
#include "base/units.hh"
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace tollgate::cache {

class LineTable {
  public:
    static constexpr std::uint8_t nobody = 0xff;
    static constexpr std::uint16_t calm = 1024;

    struct Line {
        std::uint64_t last_write = 0; ///< ps; of the last writer that gave the line away
        std::uint16_t sharers = 0;    ///< bit per hart that may hold it
        std::uint8_t writer = nobody; ///< the hart that may write it without asking
        bool contended = false;
        bool awaited = false;
        std::uint16_t quiet = 0; ///< accesses since the writer last changed
    };
    static_assert(sizeof(Line) == 16);

    /// Covers [base, base + size).
    LineTable(PhysAddr base, Bytes size)
        : base_{base}, pages_{(size.count() + page_bytes - 1) >> page_shift},
          groups_((pages_ + group_pages - 1) / group_pages) {}

    /// The line of an address inside the table's memory. The reference stays valid.
    Line& line(PhysAddr pa) {
        const std::uint64_t offset = pa - base_;
        const std::uint64_t number = offset >> page_shift;
        auto& group = groups_[number / group_pages];
        if (!group) group = std::make_unique<Group>();
        auto& page = (*group)[number % group_pages];
        if (!page) page = std::make_unique<Page>();
        return (*page)[(offset >> line_shift) % (page_bytes / line_bytes)];
    }
    bool covers(PhysAddr pa) const { return pa >= base_ && (pa - base_) >> page_shift < pages_; }

    /// Whether `hart` may access the line without asking anybody.
    static bool holds(const Line& l, unsigned hart, bool store) {
        return store ? l.writer == hart && l.sharers == 1u << hart : (l.sharers >> hart & 1) != 0;
    }

    /// Makes `hart` a holder; the others that must give it up are returned as a bit mask, the caller tells them. Call
    /// with the line's last_write up to date.
    static std::uint16_t take(Line& l, unsigned hart, bool store) {
        const auto me = static_cast<std::uint16_t>(1u << hart);
        const auto others = static_cast<std::uint16_t>(l.sharers & ~me);
        std::uint16_t told = 0;
        if (store) {
            if (others != 0) {
                if (l.writer != hart || l.sharers != me) l.contended = true;
                l.quiet = 0;
            }
            told = others;
            l.sharers = me;
            l.awaited = false;
            l.writer = static_cast<std::uint8_t>(hart);
        } else {
            if (l.writer != nobody && l.writer != hart) told = static_cast<std::uint16_t>(1u << l.writer);
            l.sharers = static_cast<std::uint16_t>(l.sharers | me);
            if (told != 0) l.writer = nobody;
        }
        if (l.contended && ++l.quiet >= calm) {
            l.contended = false;
            l.quiet = 0;
        }
        return told;
    }

    /// `hart` gives the line up. If it still counts as a holder, no other hart asked for it but a device.
    static void lose(Line& l, unsigned hart) {
        const auto me = static_cast<std::uint16_t>(1u << hart);
        if ((l.sharers & me) == 0) return;
        l.awaited = l.awaited || l.sharers != me;
        if (!l.awaited) return; // nobody else wants it
        l.sharers = static_cast<std::uint16_t>(l.sharers & ~me);
        if (l.writer == hart) l.writer = nobody;
    }

  private:
    PhysAddr base_;
    // Two levels: a machine of many GiB costs nothing before it is used.
    static constexpr std::uint64_t group_pages = 512;
    using Page = std::array<Line, page_bytes / line_bytes>;
    using Group = std::array<std::unique_ptr<Page>, group_pages>;
    std::uint64_t pages_;
    std::vector<std::unique_ptr<Group>> groups_; // [page / group_pages]
};

} // namespace tollgate::cache
