package stagepost.compat;

import groovy.json.JsonOutput;
import groovy.json.JsonSlurper;
import groovy.lang.Binding;
import groovy.lang.Closure;
import groovy.lang.GroovyShell;
import groovy.lang.Script;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.codehaus.groovy.control.CompilerConfiguration;

/**
 * Runs the Jenkinsfile of standard input in the current folder with Groovy, once for each argument: the variables of
 * a build as a JSON object. Steps that run commands and bind credentials do so. Prints one JSON object a line: a step of
 * a plugin with its arguments, or whether a build passed.
 */
public final class Jenkinsfile {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Jenkinsfile() {
    }

    public static void main(String[] arguments) throws IOException {
        CompilerConfiguration configuration = new CompilerConfiguration();
        configuration.setScriptBaseClass(Steps.class.getName());
        String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        for (String build : arguments) {
            Object environment = new JsonSlurper().parseText(build);
            Map<String, Object> variables = new HashMap<>(Map.of("env", environment, "scm", "scm"));
            GroovyShell shell = new GroovyShell(
                    Jenkinsfile.class.getClassLoader(), new Binding(variables), configuration);
            boolean passed = true;
            try {
                shell.evaluate(text, "Jenkinsfile");
            } catch (FailedCommand failure) {
                passed = false;
            }
            OUT.println(JsonOutput.toJson(Map.of("passed", passed)));
        }
    }

    /** A command that ended with another exit code than 0. */
    public static final class FailedCommand extends RuntimeException {
        FailedCommand(int code) {
            super("script returned exit code " + code);
        }
    }

    /** The steps. */
    public abstract static class Steps extends Script {
        private final Map<String, String> environment = new LinkedHashMap<>();

        public Object node(Closure<?> body) {
            return body.call();
        }

        /** The folder has the repository. */
        public void checkout(Object scm) {
        }

        public void sh(String script) {
            run(script, false);
        }

        public Object sh(Map<String, Object> arguments) {
            return run(arguments.get("script").toString(), Boolean.TRUE.equals(arguments.get("returnStdout")));
        }

        /** A binding of `withCredentials`. */
        public Map<String, Object> string(Map<String, Object> arguments) {
            return arguments;
        }

        public Object withCredentials(List<Map<String, Object>> bindings, Closure<?> body) {
            Map<String, String> bound = new HashMap<>();
            for (Map<String, Object> binding : bindings) {
                String value = System.getenv("CREDENTIAL_" + binding.get("credentialsId"));
                bound.put(binding.get("variable").toString(), value);
            }
            return with(bound, body);
        }

        public Object withEnv(List<Object> settings, Closure<?> body) {
            Map<String, String> set = new HashMap<>();
            for (Object setting : settings) {
                String[] parts = setting.toString().split("=", 2);
                set.put(parts[0], parts[1]);
            }
            return with(set, body);
        }

        /** The steps of plugins. */
        public Object methodMissing(String name, Object given) {
            List<Object> arguments = new ArrayList<>(Arrays.asList((Object[]) given));
            int last = arguments.size() - 1;
            Closure<?> body = last >= 0 && arguments.get(last) instanceof Closure
                    ? (Closure<?>) arguments.remove(last) : null;
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("step", name);
            line.put("arguments", arguments);
            OUT.println(JsonOutput.toJson(line));
            return body == null ? name : body.call();
        }

        private Object with(Map<String, String> set, Closure<?> body) {
            Map<String, String> before = new LinkedHashMap<>(environment);
            environment.putAll(set);
            try {
                return body.call();
            } finally {
                environment.clear();
                environment.putAll(before);
            }
        }

        /** As the step does: `-x` is left out, because nobody reads it. */
        private Object run(String script, boolean returnsOutput) {
            try {
                ProcessBuilder command = new ProcessBuilder("sh", "-e", "-c", script);
                ((Map<?, ?>) getProperty("env")).forEach(
                        (name, value) -> command.environment().put(name.toString(), value.toString()));
                command.environment().putAll(environment);
                command.redirectError(ProcessBuilder.Redirect.INHERIT);
                Process process = command.start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int code = process.waitFor();
                if (code != 0) {
                    throw new FailedCommand(code);
                }
                return returnsOutput ? output : null;
            } catch (IOException | InterruptedException error) {
                throw new IllegalStateException(error);
            }
        }
    }
}
