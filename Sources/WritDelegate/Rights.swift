// Descriptors handed from one process to another beside bytes: SCM_RIGHTS of unix(7).
//
// The message beside the bytes, on machines of 64 bits:
//
//     8 bytes   its length with these 16
//     4         SOL_SOCKET
//     4         SCM_RIGHTS
//     4 each    the descriptors, up to a multiple of 8 bytes
import Glibc

enum Rights {
  private static let headByteCount = 16
  /// SCM_RIGHTS, which Swift's Glibc has as a type of its own.
  private static let kind: Int32 = 1

  private static func room(_ count: Int) -> Int { headByteCount + (count * 4 + 7) / 8 * 8 }

  /// Sends some of the bytes, with copies of the descriptors beside the first; as `sendmsg`.
  static func send(
    _ bytes: UnsafeRawBufferPointer, with descriptors: [Int32], to socket: Int32
  ) -> Int {
    let control = UnsafeMutableRawBufferPointer.allocate(
      byteCount: room(descriptors.count), alignment: 8)
    defer { control.deallocate() }
    control.initializeMemory(as: UInt8.self, repeating: 0)
    control.storeBytes(of: headByteCount + descriptors.count * 4, as: Int.self)
    control.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
    control.storeBytes(of: kind, toByteOffset: 12, as: Int32.self)
    for (place, descriptor) in descriptors.enumerated() {
      control.storeBytes(of: descriptor, toByteOffset: headByteCount + place * 4, as: Int32.self)
    }
    var part = iovec(
      iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    return withUnsafeMutablePointer(to: &part) { part in
      var message = msghdr()
      (message.msg_iov, message.msg_iovlen) = (part, 1)
      (message.msg_control, message.msg_controllen) = (control.baseAddress, control.count)
      return retrying { sendmsg(socket, &message, Int32(MSG_NOSIGNAL)) }
    }
  }

  /// Fills the buffer, and takes as many descriptors as came with it, each closed in programs;
  /// `nil` at the end, or where others came.
  static func receive(
    _ buffer: UnsafeMutableRawBufferPointer, with count: Int, from socket: Int32
  ) -> [Int32]? {
    let control = UnsafeMutableRawBufferPointer.allocate(byteCount: room(count), alignment: 8)
    defer { control.deallocate() }
    control.initializeMemory(as: UInt8.self, repeating: 0)
    var part = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
    let (got, length) = withUnsafeMutablePointer(to: &part) { part in
      var message = msghdr()
      (message.msg_iov, message.msg_iovlen) = (part, 1)
      (message.msg_control, message.msg_controllen) = (control.baseAddress, control.count)
      let flags = Int32(MSG_WAITALL) | Int32(MSG_CMSG_CLOEXEC)
      return (retrying { recvmsg(socket, &message, flags) }, message.msg_controllen)
    }
    guard got == buffer.count, length >= headByteCount,
      control.load(fromByteOffset: 12, as: Int32.self) == kind
    else { return nil }
    let found = (control.load(as: Int.self) - headByteCount) / 4
    let descriptors = (0..<found).map {
      control.load(fromByteOffset: headByteCount + $0 * 4, as: Int32.self)
    }
    guard found == count else {
      for descriptor in descriptors { close(descriptor) }
      return nil
    }
    return descriptors
  }
}
