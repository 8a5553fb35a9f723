/// What a transaction says about itself beyond TLM-2.0's generic payload: who, why, from which node.
#pragma once
#include "base/access_kind.hh"
#include <cstdint>
#include <tlm>

namespace tollgate {

class AccessExtension : public ::tlm::tlm_extension<AccessExtension> {
  public:
    AccessKind kind = AccessKind::load;
    std::uint32_t initiator = 0; ///< machine-wide number of the hart or device
    std::uint32_t node = 0;      ///< where it stands
    std::uint32_t tag = 0;       ///< by which the initiator knows it among those that it has under way

    ::tlm::tlm_extension_base* clone() const override { return new AccessExtension(*this); }
    void copy_from(const ::tlm::tlm_extension_base& from) override {
        *this = static_cast<const AccessExtension&>(from);
    }
};

/// A payload with its extension inside: an initiator owns one for each access that it can have under way and uses it
/// again and again; an access allocates nothing.
class AccessPayload {
  public:
    AccessPayload(std::uint32_t initiator, std::uint32_t node) {
        extension_.initiator = initiator;
        extension_.node = node;
        payload_.set_extension<AccessExtension>(&extension_);
    }
    ~AccessPayload() { payload_.clear_extension<AccessExtension>(&extension_); }
    AccessPayload(const AccessPayload&) = delete;
    AccessPayload& operator=(const AccessPayload&) = delete;

    /// Makes it ready for a read or write of `length` bytes at `data`.
    ::tlm::tlm_generic_payload& prepare(::tlm::tlm_command command, AccessKind kind, std::uint64_t address, void* data,
                                        unsigned length) {
        extension_.kind = kind;
        payload_.set_command(command);
        payload_.set_address(address);
        payload_.set_data_ptr(static_cast<unsigned char*>(data));
        payload_.set_data_length(length);
        payload_.set_streaming_width(length);
        payload_.set_byte_enable_ptr(nullptr);
        payload_.set_dmi_allowed(false);
        payload_.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
        return payload_;
    }
    /// The same with another command, kind and address; the rest is as it was prepared.
    ::tlm::tlm_generic_payload& again(::tlm::tlm_command command, AccessKind kind, std::uint64_t address) {
        extension_.kind = kind;
        payload_.set_command(command);
        payload_.set_address(address);
        payload_.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
        return payload_;
    }
    ::tlm::tlm_generic_payload& payload() { return payload_; }
    void set_tag(std::uint32_t tag) { extension_.tag = tag; }

  private:
    AccessExtension extension_;
    ::tlm::tlm_generic_payload payload_;
};

/// The kind that a payload says, or by its command if it carries no extension (a foreign initiator).
inline AccessKind kind_of(const ::tlm::tlm_generic_payload& payload) {
    if (const auto* extension = payload.get_extension<AccessExtension>()) return extension->kind;
    return payload.is_write() ? AccessKind::store : AccessKind::load;
}

} // namespace tollgate
