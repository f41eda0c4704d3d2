import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * The HAPI FHIR validator as a second opinion, offline.
 *
 * <p>Judges every JSON file in the folder named by the only argument and prints one line for
 * each error: file, message id, place, text (separated by tabs). Resources are given as text:
 * HAPI's parser would drop or refuse what is to be judged.
 */
final class Judge {
  public static void main(String[] arguments) throws Exception {
    FhirValidator validator = validator();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (Path path : filesIn(Path.of(arguments[0]))) {
      // Bytes that are not UTF-8 become U+FFFD: HAPI is given text.
      String text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
      for (SingleValidationMessage each : errors(validator, text)) {
        out.println(line(path, each));
      }
      out.println(path.getFileName() + "\tJUDGED\t\t");
    }
  }

  private static List<SingleValidationMessage> errors(FhirValidator validator, String text) {
    try {
      return validator.validateWithResult(text).getMessages().stream()
          .filter(each -> each.getSeverity().ordinal() >= 2)
          .toList();
    } catch (RuntimeException unreadable) {
      SingleValidationMessage message = new SingleValidationMessage();
      message.setMessageId("UNREADABLE");
      message.setMessage("HAPI cannot read this");
      return List.of(message);
    }
  }

  private static FhirValidator validator() {
    FhirContext context = FhirContext.forR4();
    FhirInstanceValidator module =
        new FhirInstanceValidator(
            new ValidationSupportChain(
                new DefaultProfileValidationSupport(context),
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context)));
    module.setAnyExtensionsAllowed(true);
    module.setErrorForUnknownProfiles(false);
    return context.newValidator().registerValidatorModule(module);
  }

  private static List<Path> filesIn(Path folder) throws Exception {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.filter(each -> each.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static String line(Path path, SingleValidationMessage each) {
    String text = each.getMessage().replaceAll("\\s+", " ");
    return String.join(
        "\t",
        path.getFileName().toString(),
        String.valueOf(each.getMessageId()),
        String.valueOf(each.getLocationString()),
        text);
  }
}
