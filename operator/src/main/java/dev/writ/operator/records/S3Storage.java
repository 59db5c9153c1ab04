package dev.writ.operator.records;

import dev.writ.audit.log.LogStorage;
import dev.writ.operator.config.LogPlace.Bucket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A log in a bucket. What makes it safe for several writers is that the store refuses a put whose
 * {@code If-Match} or {@code If-None-Match} does not hold; one that does not is refused at the
 * start. A put is durable and seen by every later read when it returns, as S3 promises.
 * Thread-safe. (audit.md, Log)
 */
public final class S3Storage implements LogStorage, AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(20);

  /** Over all tries of one call. */
  private static final Duration CALL = Duration.ofSeconds(60);

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int PRECONDITION_FAILED = 412;

  private final S3Client client;
  private final Bucket bucket;

  private S3Storage(S3Client client, Bucket bucket) {
    this.client = client;
    this.bucket = bucket;
  }

  /**
   * Opens the bucket, and tries in it that conditions are honoured.
   *
   * @throws IOException when it is not there, may not be used, or honours no conditions; the
   *     message says which, and what to do
   */
  public static S3Storage open(Bucket bucket) throws IOException {
    S3Storage storage = new S3Storage(client(bucket), bucket);
    try {
      storage.check();
      return storage;
    } catch (IOException | RuntimeException e) {
      storage.close();
      throw e;
    }
  }

  private static S3Client client(Bucket bucket) {
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(bucket.region()))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(ANSWER))
            // Stores that are not AWS's know no other checksums.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(settings -> settings.apiCallTimeout(CALL));
    bucket
        .endpoint()
        .ifPresent(endpoint -> builder.endpointOverride(endpoint).forcePathStyle(true));
    return builder.build();
  }

  private void check() throws IOException {
    String probe = "probe/" + UUID.randomUUID();
    byte[] one = {1};
    byte[] two = {2};
    boolean honoured = replace(probe, null, one) && !put(probe, two, null);
    honoured = honoured && !put(probe, two, "\"00000000000000000000000000000000\"");
    honoured = honoured && replace(probe, one, two) && Arrays.equals(read(probe), two);
    remove(probe);
    if (!honoured) {
      throw new IOException(
          bucket
              + " does not honour If-None-Match and If-Match when it is written to, so two"
              + " operators could fork a log there; use a store with conditional writes");
    }
  }

  @Override
  public byte @Nullable [] read(String path) throws IOException {
    ResponseBytes<GetObjectResponse> found = get(path);
    return found == null ? null : found.asByteArray();
  }

  private @Nullable ResponseBytes<GetObjectResponse> get(String path) throws IOException {
    try {
      return client.getObjectAsBytes(get -> get.bucket(bucket.name()).key(key(path)));
    } catch (AwsServiceException e) {
      if (e.statusCode() == NOT_FOUND && !isBucketMissing(e)) {
        return null;
      }
      throw failed("read " + path, e);
    } catch (SdkException e) {
      throw failed("read " + path, e);
    }
  }

  @Override
  public void write(String path, byte[] bytes) throws IOException {
    try {
      client.putObject(
          put -> put.bucket(bucket.name()).key(key(path)), RequestBody.fromBytes(bytes));
    } catch (SdkException e) {
      throw failed("write " + path, e);
    }
  }

  @Override
  public boolean replace(String path, byte @Nullable [] expected, byte[] bytes) throws IOException {
    if (expected == null) {
      return put(path, bytes, null);
    }
    ResponseBytes<GetObjectResponse> found = get(path);
    return found != null
        && Arrays.equals(found.asByteArray(), expected)
        && put(path, bytes, found.response().eTag());
  }

  /** Stores if nothing is there, or with a tag if that is; else false. */
  private boolean put(String path, byte[] bytes, @Nullable String tag) throws IOException {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder().bucket(bucket.name()).key(key(path));
    PutObjectRequest conditional =
        tag == null ? request.ifNoneMatch("*").build() : request.ifMatch(tag).build();
    try {
      client.putObject(conditional, RequestBody.fromBytes(bytes));
      return true;
    } catch (AwsServiceException e) {
      boolean gone = tag != null && e.statusCode() == NOT_FOUND && !isBucketMissing(e);
      if (e.statusCode() == PRECONDITION_FAILED || e.statusCode() == CONFLICT || gone) {
        // The client repeats a put whose answer it did not get: the second meets the first.
        return Arrays.equals(read(path), bytes);
      }
      throw failed("write " + path, e);
    } catch (SdkException e) {
      throw failed("write " + path, e);
    }
  }

  @Override
  public List<String> list(String folder) throws IOException {
    String prefix = key(folder) + "/";
    try {
      List<String> names = new ArrayList<>();
      for (ListObjectsV2Response page :
          client.listObjectsV2Paginator(
              list -> list.bucket(bucket.name()).prefix(prefix).delimiter("/"))) {
        page.contents().forEach(object -> names.add(object.key().substring(prefix.length())));
        page.commonPrefixes()
            .forEach(
                below ->
                    names.add(
                        below.prefix().substring(prefix.length(), below.prefix().length() - 1)));
      }
      names.remove("");
      return names;
    } catch (SdkException e) {
      throw failed("list " + folder, e);
    }
  }

  @Override
  public void delete(String path) throws IOException {
    remove(path);
    try {
      for (S3Object below :
          client
              .listObjectsV2Paginator(list -> list.bucket(bucket.name()).prefix(key(path) + "/"))
              .contents()) {
        client.deleteObject(delete -> delete.bucket(bucket.name()).key(below.key()));
      }
    } catch (SdkException e) {
      throw failed("delete " + path, e);
    }
  }

  private void remove(String path) throws IOException {
    try {
      client.deleteObject(delete -> delete.bucket(bucket.name()).key(key(path)));
    } catch (SdkException e) {
      throw failed("delete " + path, e);
    }
  }

  private String key(String path) {
    return bucket.prefix() + path;
  }

  private static boolean isBucketMissing(AwsServiceException e) {
    return "NoSuchBucket".equals(code(e));
  }

  private static @Nullable String code(AwsServiceException e) {
    return e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
  }

  private IOException failed(String what, SdkException e) {
    return new IOException("couldn't " + what + " in " + bucket + ": " + cause(e), e);
  }

  /** What an administrator can do something about, in words; all else as the store says it. */
  private String cause(SdkException e) {
    if (!(e instanceof AwsServiceException answer)) {
      return String.valueOf(e.getMessage());
    }
    String code = String.valueOf(code(answer));
    String hint =
        switch (code) {
          case "NoSuchBucket" -> "there is no such bucket: make it, or name another";
          case "AccessDenied" ->
              "not allowed: give the operator s3:GetObject, s3:PutObject, s3:DeleteObject and"
                  + " s3:ListBucket";
          case "InvalidAccessKeyId", "SignatureDoesNotMatch" ->
              "the credentials are not those of this store";
          case "PermanentRedirect", "AuthorizationHeaderMalformed" ->
              "it is in another region than " + bucket.region();
          default -> "";
        };
    String said = "status " + answer.statusCode() + " " + code;
    return hint.isEmpty() ? said + ", " + answer.getMessage() : hint + " (" + said + ")";
  }

  @Override
  public void close() {
    client.close();
  }
}
