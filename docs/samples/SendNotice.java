import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends a notice and waits until it is on its way; Java 11 or newer, nothing to install: java SendNotice.java wang.lei
 *
 * POSTHOUSE_URL is https://chat.example.org:5281, POSTHOUSE_KEY the key of the application, the argument who gets it.
 * Where the server's authority is not known to the computer, -Djavax.net.ssl.trustStore names a store with ca.pem in it.
 * The JDK reads no JSON: a library such as Jackson takes the place of the two patterns in a program that does more.
 */
public class SendNotice {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    public static void main(String[] arguments) throws IOException, InterruptedException {
        String notice = "{\"to\": {\"people\": [\"" + arguments[0] + "\"]}, \"title\": \"\u8bf7\u5047\u5f85\u5ba1\u6279\","
                + " \"text\": \"\u9648\u9759\uff0c3\u5929\", \"idempotencyKey\": \"leave-19\"}";
        String id = first("\"id\":\"(m-[0-9a-f]+)\"", ask("POST", "/messages", notice));
        System.out.println("sent as " + id);
        String state = "accepted";
        while (state.equals("accepted")) {
            Thread.sleep(200);
            state = first("\"state\":\"(\\w+)\"", ask("GET", "/messages/" + id, null));
        }
        System.out.println(arguments[0] + " " + state);
    }

    private static String ask(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(System.getenv("POSTHOUSE_URL") + "/api/v1" + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + System.getenv("POSTHOUSE_KEY"))
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IOException(answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    private static String first(String pattern, String text) throws IOException {
        Matcher found = Pattern.compile(pattern).matcher(text);
        if (!found.find()) {
            throw new IOException("an unexpected answer: " + text);
        }
        return found.group(1);
    }
}
