package dev.writ.operator.keys.pkcs11;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The functions of a token's library, found through C_GetFunctionList as PKCS #11 2.40 wants it.
 * CK_ULONG has eight bytes, as on 64-bit Linux.
 */
final class Cryptoki {
  static final long ALREADY_INITIALIZED = 0x191;
  static final long ALREADY_LOGGED_IN = 0x100;

  private static final long OS_LOCKING_OK = 2;
  private static final int INITIALIZE_ARGS = 48;
  private static final int FUNCTIONS = 68;
  private static final ValueLayout.OfLong ULONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout POINTER = ValueLayout.ADDRESS;

  private static final Function INITIALIZE = function("C_Initialize", 0, POINTER);
  private static final Function GET_SLOT_LIST =
      function("C_GetSlotList", 4, ValueLayout.JAVA_BYTE, POINTER, POINTER);
  private static final Function GET_TOKEN_INFO = function("C_GetTokenInfo", 6, ULONG, POINTER);
  private static final Function OPEN_SESSION =
      function("C_OpenSession", 12, ULONG, ULONG, POINTER, POINTER, POINTER);
  private static final Function CLOSE_SESSION = function("C_CloseSession", 13, ULONG);
  private static final Function LOGIN = function("C_Login", 18, ULONG, ULONG, POINTER, ULONG);
  private static final Function DESTROY_OBJECT = function("C_DestroyObject", 22, ULONG, ULONG);
  private static final Function GET_ATTRIBUTE_VALUE =
      function("C_GetAttributeValue", 24, ULONG, ULONG, POINTER, ULONG);
  private static final Function FIND_OBJECTS_INIT =
      function("C_FindObjectsInit", 26, ULONG, POINTER, ULONG);
  private static final Function FIND_OBJECTS =
      function("C_FindObjects", 27, ULONG, POINTER, ULONG, POINTER);
  private static final Function FIND_OBJECTS_FINAL = function("C_FindObjectsFinal", 28, ULONG);
  private static final Function SIGN_INIT = function("C_SignInit", 42, ULONG, POINTER, ULONG);
  private static final Function SIGN =
      function("C_Sign", 43, ULONG, POINTER, ULONG, POINTER, POINTER);
  private static final Function GENERATE_KEY_PAIR =
      function(
          "C_GenerateKeyPair",
          59,
          ULONG,
          POINTER,
          POINTER,
          ULONG,
          POINTER,
          ULONG,
          POINTER,
          POINTER);

  /** A function by its place in CK_FUNCTION_LIST. All of them return a CK_RV. */
  private record Function(String name, int place, FunctionDescriptor descriptor) {}

  private static Function function(String name, int place, MemoryLayout... parameters) {
    return new Function(name, place, FunctionDescriptor.of(ULONG, parameters));
  }

  private final MemorySegment list;
  private final Map<Function, MethodHandle> handles = new ConcurrentHashMap<>();

  private Cryptoki(MemorySegment list) {
    this.list = list;
  }

  /** Loads the library, for as long as the process lives, and initializes it. */
  @SuppressWarnings("restricted")
  static Cryptoki load(Path library) throws CryptokiException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment getFunctionList =
          SymbolLookup.libraryLookup(library, Arena.global())
              .find("C_GetFunctionList")
              .orElseThrow(
                  () -> new IllegalArgumentException("it has no function C_GetFunctionList"));
      MemorySegment out = arena.allocate(POINTER);
      MethodHandle handle =
          Linker.nativeLinker()
              .downcallHandle(getFunctionList, FunctionDescriptor.of(ULONG, POINTER));
      check("C_GetFunctionList", (long) handle.invokeExact(out));
      MemorySegment list =
          out.get(ValueLayout.ADDRESS, 0)
              .reinterpret((FUNCTIONS + 1) * ValueLayout.ADDRESS.byteSize());
      Cryptoki cryptoki = new Cryptoki(list);
      MemorySegment arguments = arena.allocate(INITIALIZE_ARGS, 8);
      arguments.setAtIndex(ULONG, 4, OS_LOCKING_OK);
      cryptoki.initialize(arguments);
      return cryptoki;
    } catch (CryptokiException e) {
      throw e;
    } catch (Throwable e) {
      throw new CryptokiException("couldn't load " + library + ": " + e.getMessage(), e);
    }
  }

  private void initialize(MemorySegment arguments) throws CryptokiException {
    try {
      call(INITIALIZE, arguments);
    } catch (CryptokiException e) {
      if (e.code() != ALREADY_INITIALIZED) {
        throw e;
      }
    }
  }

  /** Slots with a token. */
  List<Long> slots() throws CryptokiException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(ULONG);
      call(GET_SLOT_LIST, (byte) 1, MemorySegment.NULL, count);
      long room = count.get(ULONG, 0);
      MemorySegment list = arena.allocate(ULONG, Math.max(1, room));
      call(GET_SLOT_LIST, (byte) 1, list, count);
      List<Long> slots = new ArrayList<>();
      for (long i = 0; i < Math.min(room, count.get(ULONG, 0)); i++) {
        slots.add(list.getAtIndex(ULONG, i));
      }
      return slots;
    }
  }

  /** CK_TOKEN_INFO begins with the label, padded with spaces. */
  MemorySegment tokenInfo(Arena arena, long slot) throws CryptokiException {
    MemorySegment info = arena.allocate(512, 8);
    call(GET_TOKEN_INFO, slot, info);
    return info;
  }

  long openSession(long slot, long flags) throws CryptokiException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment session = arena.allocate(ULONG);
      call(OPEN_SESSION, slot, flags, MemorySegment.NULL, MemorySegment.NULL, session);
      return session.get(ULONG, 0);
    }
  }

  void closeSession(long session) throws CryptokiException {
    call(CLOSE_SESSION, session);
  }

  void login(long session, long user, MemorySegment pin) throws CryptokiException {
    try {
      call(LOGIN, session, user, pin, pin.byteSize());
    } catch (CryptokiException e) {
      if (e.code() != ALREADY_LOGGED_IN) {
        throw e;
      }
    }
  }

  void destroy(long session, long object) throws CryptokiException {
    call(DESTROY_OBJECT, session, object);
  }

  void attributes(long session, long object, Attributes template) throws CryptokiException {
    call(GET_ATTRIBUTE_VALUE, session, object, template.segment(), (long) template.size());
  }

  /** Objects that have all these attributes, at most {@code room}. */
  List<Long> find(long session, Attributes template, int room) throws CryptokiException {
    call(FIND_OBJECTS_INIT, session, template.segment(), (long) template.size());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(ULONG, room);
      MemorySegment count = arena.allocate(ULONG);
      call(FIND_OBJECTS, session, found, (long) room, count);
      List<Long> objects = new ArrayList<>();
      for (long i = 0; i < count.get(ULONG, 0); i++) {
        objects.add(found.getAtIndex(ULONG, i));
      }
      return objects;
    } finally {
      call(FIND_OBJECTS_FINAL, session);
    }
  }

  void signInit(long session, MemorySegment mechanism, long key) throws CryptokiException {
    call(SIGN_INIT, session, mechanism, key);
  }

  void sign(
      long session, MemorySegment message, long length, MemorySegment signature, MemorySegment room)
      throws CryptokiException {
    call(SIGN, session, message, length, signature, room);
  }

  /** Makes a pair; the handles of public and private half. */
  long[] generatePair(
      long session, MemorySegment mechanism, Attributes publicHalf, Attributes privateHalf)
      throws CryptokiException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(ULONG, 2);
      call(
          GENERATE_KEY_PAIR,
          session,
          mechanism,
          publicHalf.segment(),
          (long) publicHalf.size(),
          privateHalf.segment(),
          (long) privateHalf.size(),
          pair,
          pair.asSlice(ULONG.byteSize()));
      return new long[] {pair.get(ULONG, 0), pair.getAtIndex(ULONG, 1)};
    }
  }

  /** The version comes first, padded to the size of a pointer. */
  @SuppressWarnings("restricted")
  private MethodHandle handle(Function function) {
    MemorySegment address = list.getAtIndex(ValueLayout.ADDRESS, function.place + 1L);
    return Linker.nativeLinker().downcallHandle(address, function.descriptor);
  }

  private void call(Function function, Object... arguments) throws CryptokiException {
    long code;
    try {
      code = (long) handles.computeIfAbsent(function, this::handle).invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new CryptokiException("couldn't call " + function.name() + ": " + e.getMessage(), e);
    }
    check(function.name(), code);
  }

  private static void check(String function, long code) throws CryptokiException {
    if (code != 0) {
      throw new CryptokiException(function, code);
    }
  }
}
