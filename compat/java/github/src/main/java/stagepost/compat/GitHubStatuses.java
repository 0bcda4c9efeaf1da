package stagepost.compat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.kohsuke.github.GHCheckRun;
import org.kohsuke.github.GHCheckRunBuilder;
import org.kohsuke.github.GHCommitState;
import org.kohsuke.github.GHCommitStatus;
import org.kohsuke.github.GHRepository;
import org.kohsuke.github.GitHub;
import org.kohsuke.github.GitHubBuilder;
import org.kohsuke.github.HttpException;

/**
 * Reports and reads the statuses of commits and check runs with the library that the plugins of Jenkins use. Prints one
 * JSON object a line: the call, and its result or the status and the message of the library's error.
 */
public final class GitHubStatuses {
    private static final String DESCRIPTION = "构建 100%";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private GitHubStatuses() {
    }

    public static void main(String[] arguments) throws Exception {
        GHRepository repository = connect(variable("TOKEN")).getRepository(variable("OWNER") + "/" + variable("REPO"));
        say("repository", repository::getFullName);
        retry(repository);
        String many = variable("SHA_MANY");
        for (int number = 0; number < number("MANY"); number++) {
            repository.createCommitStatus(many, GHCommitState.SUCCESS, null, null, "job " + number);
        }
        say("all pages", () -> {
            List<String> contexts = new ArrayList<>();
            for (GHCommitStatus status : repository.listCommitStatuses(many).withPageSize(50)) {
                contexts.add(status.getContext());
            }
            return contexts;
        });
        say("race", () -> race(repository));
        say("branch", () -> repository.getLastCommitStatus(variable("BRANCH")).getState());
        checkRun(repository);
        say("wrong token", () -> connect("wrong").getRepository(repository.getFullName()));
        say("unknown repository", () -> connect(variable("TOKEN")).getRepository(variable("OWNER") + "/absent"));
        say("no commit", () -> repository.createCommitStatus("main", GHCommitState.SUCCESS, null, null, "refused"));
    }

    /** Connects as the GitHub plugin of Jenkins does: by an endpoint and a token. */
    private static GitHub connect(String token) throws IOException {
        return new GitHubBuilder().withEndpoint(variable("URL") + "/api/v3").withOAuthToken(token).build();
    }

    private static void retry(GHRepository repository) throws Exception {
        String one = variable("SHA_ONE");
        Object[][] steps = {{"pending", 1}, {"failure", 1}, {"pending", 2}, {"success", 2}};
        for (Object[] step : steps) {
            String call = step[0] + " " + step[1];
            GHCommitState state = GHCommitState.valueOf(step[0].toString().toUpperCase());
            String link = variable("LINK") + step[1];
            say(call, () -> shown(repository.createCommitStatus(one, state, link, DESCRIPTION, "ci/build")));
            say("commit after " + call, () -> repository.getLastCommitStatus(one).getState());
        }
        say("listed", () -> {
            List<Object> all = new ArrayList<>();
            for (GHCommitStatus status : repository.listCommitStatuses(one)) {
                all.add(List.of(status.getId(), lower(status.getState())));
            }
            return all;
        });
    }

    private static Map<String, Object> shown(GHCommitStatus status) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", status.getId());
        shown.put("state", lower(status.getState()));
        shown.put("context", status.getContext());
        shown.put("target_url", status.getTargetUrl());
        shown.put("description", status.getDescription());
        return shown;
    }

    /** Reports repeatedly and in any order; returns the ids that the reports got. */
    private static List<Long> race(GHRepository repository) throws Exception {
        int racing = number("RACING");
        ExecutorService all = Executors.newFixedThreadPool(racing);
        List<Future<Long>> reports = new ArrayList<>();
        for (int number = 0; number < racing; number++) {
            GHCommitState state = number % 2 == 1 ? GHCommitState.SUCCESS : GHCommitState.PENDING;
            String link = variable("LINK") + "race";
            reports.add(all.submit(
                    () -> repository.createCommitStatus(variable("SHA_RACE"), state, link, null, "race").getId()));
        }
        List<Long> ids = new ArrayList<>();
        for (Future<Long> report : reports) {
            ids.add(report.get());
        }
        all.shutdown();
        return ids;
    }

    /** The library divides the annotations into requests of 50. */
    private static void checkRun(GHRepository repository) throws Exception {
        String sha = variable("SHA_CHECKS");
        GHCheckRun created = repository.createCheckRun("lint", sha).withExternalID("7")
                .withStatus(GHCheckRun.Status.IN_PROGRESS).create();
        say("check run created", () -> shown(created));
        GHCheckRunBuilder.Output output = new GHCheckRunBuilder.Output("有误", "**bold**").withText("text");
        for (int line = 1; line <= 120; line++) {
            output.add(new GHCheckRunBuilder.Annotation(
                    "src/main.rs", line, GHCheckRun.AnnotationLevel.WARNING, "line " + line));
        }
        say("check run completed", () -> shown(repository.updateCheckRun(created.getId())
                .withConclusion(GHCheckRun.Conclusion.NEUTRAL).add(output).create()));
        say("check runs", () -> {
            List<Object> all = new ArrayList<>();
            for (GHCheckRun run : repository.getCheckRuns(sha)) {
                all.add(shown(run));
            }
            return all;
        });
        say("check run without a conclusion", () -> repository.updateCheckRun(created.getId())
                .withStatus(GHCheckRun.Status.COMPLETED).create());
    }

    private static Map<String, Object> shown(GHCheckRun run) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", run.getId());
        shown.put("external_id", run.getExternalId());
        shown.put("status", lower(run.getStatus()));
        shown.put("conclusion", run.getConclusion() == null ? null : lower(run.getConclusion()));
        shown.put("title", run.getOutput().getTitle());
        shown.put("annotations", run.getOutput().getAnnotationsCount());
        return shown;
    }

    private static void say(String call, Callable<?> made) throws Exception {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("call", call);
        try {
            Object result = made.call();
            line.put("result", result instanceof GHCommitState ? lower((GHCommitState) result) : result);
        } catch (HttpException refused) {
            line.put("status", refused.getResponseCode());
            line.put("error", refused.getMessage());
        } catch (FileNotFoundException absent) {
            line.put("status", 404);
            line.put("error", absent.getMessage());
        }
        OUT.println(JSON.writeValueAsString(line));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase();
    }

    private static String variable(String name) {
        return System.getenv(name);
    }

    private static int number(String name) {
        return Integer.parseInt(variable(name));
    }
}
