package dev.writ.audit.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class MerkleTest {
  /** Leaves and roots of the reference tests of Certificate Transparency. */
  private static final List<String> LEAVES =
      List.of(
          "",
          "00",
          "10",
          "2021",
          "3031",
          "40414243",
          "5051525354555657",
          "606162636465666768696a6b6c6d6e6f");

  private static final List<String> ROOTS =
      List.of(
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(6962);

  @Test
  void rootsAreThoseOfTheReferenceTests() {
    TreeEdge edge = TreeEdge.empty();
    for (int size = 0; size < ROOTS.size(); size++) {
      assertThat(HexFormat.of().formatHex(edge.root().bytes())).isEqualTo(ROOTS.get(size));
      if (size < LEAVES.size()) {
        edge.append(Hash.leaf(HexFormat.of().parseHex(LEAVES.get(size))), tile -> {});
      }
    }
  }

  @Test
  void everyProofOfSmallTreesIsThatOfTheRecursiveDefinitionAndVerifies() throws IOException {
    List<Hash> leaves = leaves(70);
    for (int size = 0; size <= leaves.size(); size++) {
      Hash root = naive(leaves.subList(0, size));
      assertThat(Merkle.root(size, naiveTree(leaves))).isEqualTo(root);
      for (int i = 0; i < size; i++) {
        List<Hash> path = Merkle.inclusion(i, size, naiveTree(leaves));
        assertThat(path).isEqualTo(naivePath(i, leaves.subList(0, size)));
        assertThat(Merkle.included(leaves.get(i), i, size, path, root)).isTrue();
      }
      for (int old = 0; old <= size; old++) {
        List<Hash> proof = Merkle.consistency(old, size, naiveTree(leaves));
        assertThat(Merkle.consistent(old, naive(leaves.subList(0, old)), size, root, proof))
            .isTrue();
      }
    }
  }

  @Test
  void noProofVerifiesForAnythingElse() throws IOException {
    List<Hash> leaves = leaves(300);
    for (int round = 0; round < 3000; round++) {
      int size = 2 + random.nextInt(leaves.size() - 1);
      int index = random.nextInt(size);
      Hash root = naive(leaves.subList(0, size));
      List<Hash> path = new ArrayList<>(Merkle.inclusion(index, size, naiveTree(leaves)));
      int otherIndex = random.nextInt(size);
      if (otherIndex != index) {
        assertThat(Merkle.included(leaves.get(index), otherIndex, size, path, root)).isFalse();
      }
      assertThat(Merkle.included(leaves.get(index), index, size, spoil(path), root)).isFalse();

      int old = 1 + random.nextInt(size - 1);
      Hash oldRoot = naive(leaves.subList(0, old));
      List<Hash> proof = new ArrayList<>(Merkle.consistency(old, size, naiveTree(leaves)));
      assertThat(Merkle.consistent(old, oldRoot, size, root, spoil(proof))).isFalse();
      assertThat(Merkle.consistent(old, naive(leaves.subList(1, old + 1)), size, root, proof))
          .isFalse();
      assertThat(Merkle.consistent(old, root, size, oldRoot, proof)).isFalse();
    }
  }

  private List<Hash> spoil(List<Hash> proof) {
    List<Hash> spoiled = new ArrayList<>(proof);
    Hash noise = Hash.leaf(Long.toString(random.nextLong()).getBytes(StandardCharsets.US_ASCII));
    switch (spoiled.isEmpty() ? 2 : random.nextInt(3)) {
      case 0 -> spoiled.set(random.nextInt(spoiled.size()), noise);
      case 1 -> spoiled.remove(random.nextInt(spoiled.size()));
      default -> spoiled.add(random.nextInt(spoiled.size() + 1), noise);
    }
    return spoiled;
  }

  private static List<Hash> leaves(int count) {
    List<Hash> leaves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      leaves.add(Hash.leaf(("entry " + i).getBytes(StandardCharsets.US_ASCII)));
    }
    return leaves;
  }

  static Subtrees naiveTree(List<Hash> leaves) {
    return (level, index) ->
        naive(leaves.subList((int) (index << level), (int) ((index + 1) << level)));
  }

  /** MTH as RFC 6962, section 2.1, writes it. */
  static Hash naive(List<Hash> leaves) {
    if (leaves.isEmpty()) {
      return Hash.EMPTY_ROOT;
    }
    if (leaves.size() == 1) {
      return leaves.getFirst();
    }
    int k = Integer.highestOneBit(leaves.size() - 1);
    return Hash.node(naive(leaves.subList(0, k)), naive(leaves.subList(k, leaves.size())));
  }

  private static List<Hash> naivePath(int index, List<Hash> leaves) {
    if (leaves.size() == 1) {
      return List.of();
    }
    int k = Integer.highestOneBit(leaves.size() - 1);
    List<Hash> left = leaves.subList(0, k);
    List<Hash> right = leaves.subList(k, leaves.size());
    List<Hash> path =
        new ArrayList<>(index < k ? naivePath(index, left) : naivePath(index - k, right));
    path.add(naive(index < k ? right : left));
    return path;
  }
}
